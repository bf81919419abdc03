import Foundation
import Testing

extension Integration {
    @Suite("the web page") struct PageTests {
        /// The script that drives the browser.
        private static let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Support/browse.py").path

        @Test(
            "works in Chromium, also for those who cannot see it, and other pages' requests to the registry do",
            .needs("chromium", "chromedriver", "selenium-python", "htpasswd")
        )
        func browser() async throws {
            try await withTemporaryDirectory { directory in
                let users = try await Program("htpasswd").run(["-nbB", "-C", "4", "boss", "boss-password"]).succeeded()
                let file = try directory.write(Data(users.text.utf8), to: "users")
                let port = try FreePort.find()
                let configuration = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}, delete: {enabled: true}}
                    auth: {htpasswd: {realm: Harbour, path: \(file)}}
                    access: ['boss *,admin']
                    http:
                      headers:
                        Access-Control-Allow-Origin: ['http://127.0.0.1:\(port)']
                        Access-Control-Allow-Methods: ['HEAD, GET, OPTIONS, DELETE']
                        Access-Control-Allow-Headers: ['Authorization, Accept, Cache-Control']
                        Access-Control-Allow-Credentials: ['true']
                        Access-Control-Expose-Headers: ['Docker-Content-Digest']
                    """
                try await withLongshore(configuration: configuration, in: directory.path("config.yml")) { server in
                    let pictures = ProcessInfo.processInfo.environment["LONGSHORE_PICTURES"] ?? ""
                    let size = Requirement.isFull || !pictures.isEmpty ? "full" : "short"
                    let arguments = [Self.script, server.host, pictures, size, "\(port)"]
                    let result = try await Program("selenium-python").run(arguments)
                    #expect(result.status == 0, "\(result.text)\n\(result.errorText)")
                }
            }
        }

        @Test("is no way around nginx's logins", .needs("nginx", "htpasswd", "curl"))
        func proxy() async throws {
            try await withTemporaryDirectory { directory in
                try await withLongshore(serving: directory.path("registry")) { server in
                    try await V1Push("private/app", to: server).run()
                    #expect(try await Curl.request(server.url("/ui/")).text.contains("private/app"))
                    let port = try FreePort.find()
                    let pass = "proxy_pass http://\(server.host);"
                    let guarded = "location /v2/ { auth_basic x; auth_basic_user_file /dev/null; \(pass) }"
                    for settings in [
                        "", "proxy_set_header Host $http_host;", "proxy_set_header X-Real-IP $remote_addr;",
                    ] {
                        let site = "server { listen 127.0.0.1:\(port); \(guarded) location / { \(settings) \(pass) } }"
                        try await Nginx.run(site, port: port, in: directory) {
                            let page = try await Curl.request(
                                "http://127.0.0.1:\(port)/ui/",
                                ["-H", "Accept: text/html"]
                            )
                            #expect(page.status == 404, "\(settings)")
                            let root = try await Curl.request("http://127.0.0.1:\(port)/", ["-H", "Accept: text/html"])
                            #expect(root.status == 200 && !root.text.contains("<html"), "\(settings)")
                        }
                    }
                }
            }
        }

        @Test("is there or not as the configuration says", .needs("curl"))
        func enabled() async throws {
            try await withTemporaryDirectory { directory in
                for (value, status) in [("true", 200), ("false", 404)] {
                    let configuration = """
                        version: 0.1
                        storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                        http: {ui: {enabled: \(value)}}
                        """
                    try await withLongshore(configuration: configuration, in: directory.path("config.yml")) { server in
                        let proxied = ["-H", "X-Forwarded-For: 10.0.0.1", "-H", "Accept: text/html"]
                        #expect(try await Curl.request(server.url("/ui/"), proxied).status == status)
                        let root = try await Curl.request(server.url("/"), proxied)
                        #expect(root.text.contains("<html") == (status == 200))
                    }
                }
            }
        }
    }

    @Suite("longshore clients") struct ClientsCommandTests {
        @Test("names who needs v1, with and without a server", .needs("curl"))
        func clients() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                func run(_ words: String...) async throws -> String {
                    try await Program.longshore.run(["clients"] + words + ["--root", root]).succeeded().text
                }
                try await withLongshore(serving: root) { server in
                    #expect(try await run("--v1").hasPrefix("no client has used a repository through v1 since "))
                    try await V1Push("library/app", to: server).run()
                    let agent = ["-A", "docker/1.5.0 go/go1.4.1 \u{1B}[31m"]
                    _ = try await Curl.request(server.url("/v1/repositories/library/app/images"), agent)
                    _ = try await Curl.request(server.url("/v2/app/tags/list"))
                    _ = try await Curl.request(server.url("/v1/repositories/library/none/tags"), agent)
                    let lines = try await run("--v1").split(separator: "\n")
                    #expect(lines.contains { $0.contains("v1") && $0.contains("docker/1.5.0") && $0.contains("app") })
                    #expect(!lines.contains { $0.contains("none") || $0.contains(" v2 ") || $0.contains("\u{1B}") })
                    #expect(try await run().contains(" v2 "))
                }
                let line = try #require(
                    try await run("--v1", "--json").split(separator: "\n").first { $0.contains("1.5.0") }
                )
                #expect(line.contains(#""era":"docker-0.x-1.5""#) && line.contains(#""repository":"app""#))
                #expect(line.contains(#""address":"127.0.0.1""#) && line.contains(#""requests":3"#), "\(line)")
            }
        }
    }
}
