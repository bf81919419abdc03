import Foundation
import SystemLibraries

/// Measures the cost of users: pulls with a login on every request, and without users.
struct UserBenchmarks {
    let scratch: URL
    let scale: Scale
    let content: BenchmarkContent

    func run() throws {
        let users = scratch.appending(path: "users")
        let hash = try PasswordHash.bcrypt("password", cost: 12)
        try "user:\(hash.text)\n".write(to: users, atomically: true, encoding: .utf8)
        let login = "Basic \(Base64.encode(Array("user:password".utf8)))"
        let open = try ServerProcess.longshore(root: scratch.appending(path: "open").path)
        defer { open.stop() }
        try content.push(to: open)
        let copy = scratch.appending(path: "guarded").path
        try FileManager.default.copyItem(atPath: open.root, toPath: copy)
        let options = ["--htpasswd", users.path, "--access", "user pull bench/*", "--access", "other *"]
        let guarded = try ServerProcess.longshore(root: copy, options: options)
        defer { guarded.stop() }
        Thread.sleep(forTimeInterval: 3)
        let path = "/v2/bench/app/manifests/latest"
        let scenario = Scenario(name: "GET manifest, bcrypt 12 each time", unit: "/s", goal: 0.8, isRepeated: true) {
            try Load($0, scale, authorization: login).rate(of: "GET", path)
        }
        print("with users, and without:")
        print(scenario.line(try scenario.measure([guarded, open])))
    }
}
