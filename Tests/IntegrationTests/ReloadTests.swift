import Foundation
import Glibc
import Testing

extension Integration {
    @Suite("a running service that is told to reload") struct ReloadTests {
        @Test("SIGHUP changes the log level", .needs("curl"))
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
                    #expect(try server.logCount("\"msg\":\"response completed\"") == 0)
                    try text("info").write(toFile: file, atomically: true, encoding: .utf8)
                    server.running.send(SIGHUP)
                    _ = try await server.running.waitForOutput { $0.contains("\"msg\":\"reloaded\"") ? true : nil }
                    _ = try await Curl.request(server.url("/v2/"))
                    try await server.running.waitUntil { try server.logCount("\"msg\":\"response completed\"") == 1 }
                    let lines = try server.running.errorText.split(separator: "\n")
                    let line = try #require(lines.first { $0.contains("\"msg\":\"response completed\"") })
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    let fields = try #require(object as? [String: Any])
                    #expect(fields["service"] as? String == "registry" && fields["level"] as? String == "info")
                    #expect(fields["http.response.status"] as? Int == 200)
                }
            }
        }

        @Test(
            "SIGHUP changes users and rules, and keeps the previous ones when it cannot",
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
                        try await server.running.waitUntil { try server.logCount("reload") == index + 1 }
                        let answer = try await Curl.request(server.url("/v2/_catalog"), step.user)
                        #expect(answer.status == step.status, "\(step)")
                    }
                    #expect(try server.logCount("cannot load the configuration; keeping the previous one") == 2)
                    #expect(try server.logCount("msg=reloaded") == 3)
                    #expect(try server.logCount("reload failed: settings that could not be loaded are unchanged") == 2)
                }
            }
        }

        @Test(
            "SIGHUP changes the values of http.tls, and names those that need a restart",
            .needs("curl", "openssl")
        )
        func changedKeys() async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                func text(_ tls: String, _ others: String) -> String {
                    certificate.configuration(root: directory.path("registry"), tls: tls, http: others)
                }
                let file = directory.path("config.yml")
                let before = text("plain: refuse", "draintimeout: 30s")
                try await withLongshore(configuration: before, in: file) { server in
                    #expect(try await Curl.request(server.url("/v2/")).status == 400)
                    let after = text("plain: allow, minimumtls: tls1.3", "draintimeout: 20s")
                    try after.write(toFile: file, atomically: true, encoding: .utf8)
                    server.running.send(SIGHUP)
                    try await server.running.waitUntil { try server.logCount("msg=reloaded") == 1 }
                    #expect(try await Curl.request(server.url("/v2/")).status == 200)
                    let handshake = ["s_client", "-connect", server.host, "-CAfile", certificate.authority]
                    for (version, isAccepted) in [("-tls1_2", false), ("-tls1_3", true)] {
                        let result = try await Program("openssl").run(handshake + [version])
                        #expect((result.status == 0) == isAccepted, "\(version)")
                    }
                    let lines = try server.running.errorText.split(separator: "\n")
                    let warnings = lines.filter { $0.contains("these changes take effect after a restart") }
                    #expect(warnings.count == 1)
                    #expect(warnings.allSatisfy { $0.contains("http.draintimeout") && !$0.contains("http.tls") })
                }
            }
        }
    }
}
