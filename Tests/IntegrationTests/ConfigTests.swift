import Foundation
import Testing

extension Integration {
    @Suite("configuration") struct ConfigTests {
        @Test("config print shows the values in effect and where they were set")
        func print() async throws {
            try await withTemporaryDirectory { directory in
                let text = "version: 0.1\nhttp:\n  addr: 127.0.0.1:5001\n  adress: x\n"
                let file = try directory.write(Data(text.utf8), to: "config.yml")
                let result = try await Program.longshore.run(
                    ["config", "print", file, "--root", "/srv/registry"],
                    environment: ["REGISTRY_STORAGE_DELETE_ENABLED": "true"]
                )
                let lines = try result.succeeded().text.split(separator: "\n")
                #expect(lines.contains("http.addr: 127.0.0.1:5001  # line 3 of the file"))
                #expect(lines.contains("storage.filesystem.rootdirectory: /srv/registry  # --root"))
                #expect(lines.contains("storage.delete.enabled: true  # $REGISTRY_STORAGE_DELETE_ENABLED"))
                #expect(lines.contains("catalog.maxentries: 1000  # default"))
                #expect(result.errorText.contains("warning: http.adress (line 4 of the file) is not a known key"))
            }
        }

        @Test(
            "config check and serve refuse a configuration that would serve something else",
            arguments: [
                ("proxy: {remoteurl: \"https://hub.test\"}", "proxy.remoteurl"),
                ("storage: {s3: {bucket: b}}", "storage.s3"),
                ("auth: {silly: {realm: a, service: b}}", "auth.silly"),
                ("middleware: {registry: [{name: a}]}", "middleware"),
                ("http: {addr: nowhere}", "'nowhere' is not an address"), ("http: {headers: {\"a b\": [c]}}", "'a b'"),
                ("access: [everyone everything]", "everything"),
                ("access: [{user: [a], actions: [pull]}]", "access.0.user"),
                ("auht: {htpasswd: {realm: a, path: b}}", "auht"),
                ("http: {tls: {certificate: /c, key: /k, ciphersuites: [NONE]}}", "cipher suite NONE"),
                (
                    "auth: {token: {realm: r, service: s, issuer: i, jwks: /k, signingalgorithms: [HS256]}}",
                    "'HS256' is not a supported algorithm"
                ),
                ("legacy: {hide-v2-from: old}", "legacy.hide-v2-from is 'old'"),
                ("compatibility: {platform: linux}", "linux/amd64"),
            ]
        )
        func refusals(line: String, named: String) async throws {
            try await withTemporaryDirectory { directory in
                let file = try directory.write(Data("version: 0.1\n\(line)\n".utf8), to: "config.yml")
                for command in [["config", "check", file], ["serve", file, "--root", directory.path("registry")]] {
                    let result = try await Program.longshore.run(command)
                    #expect(result.status == 1)
                    #expect(result.errorText.contains(named), "\(result.errorText)")
                }
                #expect(!FileManager.default.fileExists(atPath: directory.path("registry")))
            }
        }

        @Test("a missing file is reported in a sentence")
        func absent() async throws {
            let result = try await Program.longshore.run(["serve", "/nowhere/config.yml"])
            #expect(result.status == 1 && result.errorText.hasPrefix("longshore: cannot read /nowhere/config.yml: "))
        }

        @Test(
            "configured header fields are in every response, and the prefix before every path",
            .needs("curl")
        )
        func headersAndPrefix() async throws {
            try await withTemporaryDirectory { directory in
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                    http:
                      prefix: /registry/
                      headers: {X-Content-Type-Options: [nosniff], X-Two: [a, b]}
                    """
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    for (path, status) in [("/registry/v2/", 200), ("/registry/v1/_ping", 200), ("/v2/", 404)] {
                        let answer = try await Curl.request(server.url(path))
                        #expect(answer.status == status)
                        #expect(answer.headers["x-content-type-options"] == "nosniff")
                    }
                }
            }
        }

        @Test("a read-only registry serves content and refuses writes", .needs("curl"))
        func readOnly() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    let url = server.url("/v2/a/blobs/uploads/?digest=\(emptyDigest)")
                    let answer = try await Curl.request(url, ["-X", "POST", "-d", ""])
                    #expect(answer.status == 201)
                }
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(root)}, maintenance: {readonly: {enabled: true}}}
                    """
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    let pulled = try await Curl.request(server.url("/v2/a/blobs/\(emptyDigest)"))
                    #expect(pulled.status == 200)
                    for (method, path) in [("POST", "/v2/a/blobs/uploads/"), ("PUT", "/v1/repositories/library/a/")] {
                        let refused = try await Curl.request(server.url(path), ["-X", method, "-d", "[]"])
                        #expect(refused.status == 405)
                    }
                }
            }
        }

        private let emptyDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }
}
