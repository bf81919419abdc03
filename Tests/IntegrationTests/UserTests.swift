import Foundation
import Testing

extension Integration {
    @Suite("users") struct UserTests {
        /// Three lines: anyone pulls, CI pushes.
        static let rules = ["--access", "anonymous pull", "--access", "ci pull,push"]

        @Test("anyone pulls and one pushes, with Docker", .needsRoot, .needs("dockerd", "docker"))
        func engine() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let users = try await Self.users(in: directory)
                try await withLongshore(serving: tree, options: ["--htpasswd", users] + Self.rules) { server in
                    try await Engine.run(in: directory) { engine in
                        let source = "\(server.host)/golden/engine-191:latest"
                        let copy = "\(server.host)/team/app:1"
                        _ = try await engine(["pull", source]).succeeded()
                        _ = try await engine(["tag", source, copy]).succeeded()
                        let refused = try await engine(["push", copy])
                        #expect(refused.status != 0)
                        #expect(refused.errorText.contains("unauthorized"), "\(refused.errorText)")
                        let wrong = try await engine(["login", "-u", "ci", "-p", "wrong", server.host])
                        #expect(wrong.status != 0 && wrong.errorText.contains("unauthorized"), "\(wrong.errorText)")
                        _ = try await engine(["login", "-u", "ci", "-p", "ci pass", server.host]).succeeded()
                        _ = try await engine(["push", copy]).succeeded()
                        _ = try await engine(["logout", server.host]).succeeded()
                        _ = try await engine(["rmi", "--force", source, copy]).succeeded()
                        _ = try await engine(["pull", copy]).succeeded()
                    }
                }
            }
        }

        @Test(
            "every user may do everything without rules, with Docker",
            .needsRoot,
            .needs("dockerd", "docker")
        )
        func engineWithoutRules() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let users = try await Self.users(in: directory)
                try await withLongshore(serving: tree, options: ["--htpasswd", users]) { server in
                    try await Engine.run(in: directory) { engine in
                        let source = "\(server.host)/golden/engine-191:latest"
                        #expect(try await engine(["pull", source]).status != 0)
                        _ = try await engine(["login", "-u", "ci", "-p", "ci pass", server.host]).succeeded()
                        _ = try await engine(["pull", source]).succeeded()
                        _ = try await engine(["tag", source, "\(server.host)/team/app:1"]).succeeded()
                        _ = try await engine(["push", "\(server.host)/team/app:1"]).succeeded()
                        _ = try await engine(["search", "\(server.host)/app"]).succeeded()
                    }
                }
            }
        }

        @Test("push and pull with skopeo and podman", .needs("skopeo", "podman"))
        func tools() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let users = try await Self.users(in: directory)
                try await withLongshore(serving: tree, options: ["--htpasswd", users] + Self.rules) { server in
                    let source = "docker://\(server.host)/golden/engine-191:latest"
                    let copy = "docker://\(server.host)/team/app:1"
                    #expect(try await Skopeo.copy(source, copy).status != 0)
                    _ = try await Skopeo.copy(source, copy, ["--dest-creds", "ci:ci pass"]).succeeded()
                    #expect(try await Skopeo.copy(source, copy, ["--dest-creds", "ci:wrong"]).status != 0)
                    #expect(try await Skopeo.copy(source, copy, ["--dest-creds", "amy:secret"]).status != 0)
                    let podman = try Program("podman")
                    let file = ["--authfile", directory.path("auth.json"), "--tls-verify=false"]
                    let login = ["login"] + file + ["-u", "ci"]
                    let wrong = try await podman.run(login + ["-p", "wrong", server.host])
                    #expect(wrong.status != 0 && wrong.errorText.contains("invalid username/password"))
                    _ = try await podman.run(login + ["-p", "ci pass", server.host]).succeeded()
                }
            }
        }

        @Test("come from a file of Apache's htpasswd, with curl, and are reread when it changes", .needs("curl"))
        func changes() async throws {
            try await withTemporaryDirectory { directory in
                let users = try await Self.users(in: directory)
                let root = try directory.makeDirectory("root")
                try await withLongshore(serving: root, options: ["--htpasswd", users]) { server in
                    func status(_ login: String, _ path: String = "/v2/") async throws -> Int {
                        try await Curl.request(server.url(path), ["-u", login]).status
                    }
                    #expect(try await Curl.request(server.url("/v2/")).status == 401)
                    #expect(
                        try await Curl.request(server.url("/v2/")).headers["www-authenticate"]
                            == "Basic realm=\"Registry\""
                    )
                    #expect(try await status("amy:secret") == 200)
                    #expect(try await status("ci:ci pass") == 200)
                    #expect(try await status("amy:secret", "/v1/users/") == 200)
                    #expect(try await status("amy:wrong") == 401)
                    let change = ["htpasswd", "add", users, "amy", "--cost", "4", "-b", "another"]
                    _ = try await Program.longshore.run(change).succeeded()
                    var isKnown = false
                    for _ in 0..<100 where !isKnown { isKnown = try await status("amy:another") == 200 }
                    #expect(isKnown)
                    #expect(try await status("amy:secret") == 401)
                    #expect(try await status("ci:ci pass") == 200)
                    #expect(try server.logCount("login failed") >= 2)
                    // The log contains the address, and nothing that was typed.
                    let proxy = ["-H", "X-Forwarded-For: 203.0.113.7", "-u"]
                    for login in ["amy:wr0ng-pass", "pass-typed-as-user:wr0ng-pass"] {
                        let answer = try await Curl.request(server.url("/v2/"), proxy + [login])
                        #expect(answer.status == 401)
                    }
                    let failures = try server.running.errorText.split(separator: "\n").filter {
                        $0.contains("login failed") && $0.contains("203.0.113.7")
                    }
                    #expect(failures.count == 2)
                    for word in ["secret", "another", "wr0ng-pass", "pass-typed-as-user"] {
                        #expect(try server.logCount(word) == 0)
                    }
                }
            }
        }

        @Test("keep the token of a v1 push when the server is restarted", .needs("curl"))
        func restart() async throws {
            try await withTemporaryDirectory { directory in
                let users = try await Self.users(in: directory)
                let root = try directory.makeDirectory("root")
                let options = ["--htpasswd", users]
                let path = "/v1/repositories/team/app/"
                let token = try await withLongshore(serving: root, options: options) { server in
                    let begin = ["-u", "ci:ci pass", "-X", "PUT", "-d", "[]", "-H", "X-Docker-Token: true"]
                    return try await Curl.request(server.url(path), begin).headers["x-docker-token"] ?? ""
                }
                try await withLongshore(serving: root, options: options) { server in
                    let end = ["-H", "Authorization: Token \(token)", "-X", "PUT", "-d", "[]"]
                    #expect(try await Curl.request(server.url(path + "images"), end).status == 204)
                    // A user whose password has changed must log in again.
                    let change = ["htpasswd", "add", users, "ci", "--cost", "4", "-b", "another"]
                    _ = try await Program.longshore.run(change).succeeded()
                    var status = 0
                    for _ in 0..<100 where status != 401 {
                        status = try await Curl.request(server.url(path + "images"), end).status
                    }
                    #expect(status == 401)
                }
            }
        }

        @Test("are added, verified and deleted, without other changes to the file", .needs("htpasswd"))
        func command() async throws {
            try await withTemporaryDirectory { directory in
                let users = try await Self.users(in: directory)
                try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: users)
                let before = try String(contentsOfFile: users, encoding: .utf8)
                let add = ["htpasswd", "add", users, "eve", "--cost", "4", "-b", "eve pass"]
                _ = try await Program.longshore.run(add).succeeded()
                #expect(try String(contentsOfFile: users, encoding: .utf8).hasPrefix(before))
                _ = try await Program("htpasswd").run(["-vb", users, "eve", "eve pass"]).succeeded()
                func verify(_ user: String, _ password: String) async throws -> Int32 {
                    try await Program.longshore.run(["htpasswd", "verify", users, user, "-b", password]).status
                }
                let statuses = [
                    try await verify("eve", "eve pass"), try await verify("amy", "secret"),
                    try await verify("amy", "no"),
                    try await verify("nobody", "no"),
                ]
                #expect(statuses == [0, 0, 3, 3])
                _ = try await Program.longshore.run(["htpasswd", "delete", users, "eve"]).succeeded()
                #expect(try String(contentsOfFile: users, encoding: .utf8) == before)
                #expect(try await Program.longshore.run(["htpasswd", "delete", users, "eve"]).status == 1)
                let mode = try FileManager.default.attributesOfItem(atPath: users)[.posixPermissions] as? Int
                #expect(mode == 0o640)
            }
        }

        /// A file with `amy`, in Apache's MD5, and `ci`, in bcrypt.
        private static func users(in directory: TemporaryDirectory) async throws -> String {
            let path = directory.path("users")
            let hash = "amy:$apr1$6IMw8Ovx$iZfiM8jkVOi0tMKUSGhsD."
            try directory.write(Data("# users\n\(hash)\n".utf8), to: "users")
            let add = ["htpasswd", "add", path, "ci", "--cost", "10", "-b", "ci pass"]
            _ = try await Program.longshore.run(add).succeeded()
            return path
        }
    }
}
