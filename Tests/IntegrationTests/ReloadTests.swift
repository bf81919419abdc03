import Foundation
import Glibc
import Testing

extension Integration {
    @Suite("a service that is told to reload") struct ReloadTests {
        @Test("SIGHUP takes up another log level", .needs("curl"))
        func logLevel() async throws {
            try await withTemporaryDirectory { directory in
                func text(_ level: String) -> String {
                    """
                    version: 0.1
                    log: {level: \(level), formatter: json, fields: {service: registry}}
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                    """
                }
                let file = directory.path("config.yml")
                try await withLongshore(configuration: text("error"), in: file) { server in
                    _ = try await Curl.request(server.url("/v2/"))
                    #expect(try server.logCount("\"msg\":\"request\"") == 0)
                    try text("info").write(toFile: file, atomically: true, encoding: .utf8)
                    server.running.send(SIGHUP)
                    _ = try await server.running.waitForOutput { $0.contains("\"msg\":\"reloaded\"") ? true : nil }
                    _ = try await Curl.request(server.url("/v2/"))
                    try await server.running.waitUntil { try server.logCount("\"msg\":\"request\"") == 1 }
                    let lines = try server.running.errorText.split(separator: "\n")
                    let line = try #require(lines.first { $0.contains("\"msg\":\"request\"") })
                    let fields = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                    #expect(fields["service"] == "registry" && fields["level"] == "info" && fields["status"] == "200")
                }
            }
        }

        @Test(
            "SIGHUP takes up other users and rules, and leaves them as they were when it cannot",
            .needs("curl", "htpasswd")
        )
        func accessReload() async throws {
            try await withTemporaryDirectory { directory in
                let users = directory.path("htpasswd")
                _ = try await Program("htpasswd").run(["-cb", users, "ci", "first"]).succeeded()
                func text(_ rule: String) -> String {
                    """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                    auth: {htpasswd: {realm: Registry, path: \(users)}}
                    access: [\(rule)]
                    """
                }
                let file = directory.path("config.yml")
                try await withLongshore(configuration: text("anonymous pull"), in: file) { server in
                    let steps: [(rule: String, user: [String], status: Int)] = [
                        ("anonymous pull", [], 200), ("ci pull", [], 401), ("ci pull", ["-u", "ci:first"], 200),
                        ("ci dance", ["-u", "ci:first"], 200), ("ci dance", [], 401),
                    ]
                    for (index, step) in steps.enumerated() {
                        try text(step.rule).write(toFile: file, atomically: true, encoding: .utf8)
                        server.running.send(SIGHUP)
                        try await server.running.waitUntil { try server.logCount("] reloaded") == index + 1 }
                        let answer = try await Curl.request(server.url("/v2/_catalog"), step.user)
                        #expect(answer.status == step.status, "\(step)")
                    }
                    #expect(try server.logCount("the configuration cannot be used and stays as it was") == 2)
                }
            }
        }
    }
}
