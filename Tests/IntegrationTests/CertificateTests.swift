import Foundation
import Testing

extension Integration {
    @Suite("migrate, to registries that require a login") struct CertificateTests {
        /// Forwards requests over TLS, but only those with the token that it issues to `user`.
        private static func site(_ certificate: TestCertificate, _ users: String, port: Int, _ host: String) -> String {
            """
            client_max_body_size 0;
            server {
                listen 127.0.0.1:\(port) ssl;
                ssl_certificate \(certificate.certificate);
                ssl_certificate_key \(certificate.key);
                location /v2/ {
                    add_header WWW-Authenticate 'Bearer realm="https://localhost:\(port)/token",service="test"' always;
                    if ($http_authorization != "Bearer opensesame") { return 401; }
                    proxy_set_header Authorization "";
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-Proto https;
                    proxy_pass http://\(host);
                }
                location /v1/ {
                    auth_basic "test";
                    auth_basic_user_file \(users);
                    proxy_set_header Authorization "";
                    proxy_pass http://\(host);
                }
                location /token {
                    auth_basic "test";
                    auth_basic_user_file \(users);
                    default_type application/json;
                    if ($arg_service != "test") { return 400; }
                    try_files /absent @token;
                }
                location @token { default_type application/json; return 200 '{"token":"opensesame"}'; }
            }
            """
        }

        /// Runs `body` with the address of a proxy in front of a server of `root`.
        private func withProxy(
            serving root: String,
            in directory: TemporaryDirectory,
            _ body: (_ host: String, _ certificate: TestCertificate) async throws -> Void
        ) async throws {
            let certificate = try await TestCertificate(in: directory.path("certificates"))
            let users = try directory.write(Data("user:{PLAIN}secret\n".utf8), to: "users")
            try await withLongshore(serving: root) { server in
                let port = try FreePort.find()
                let site = Self.site(certificate, users, port: port, server.host)
                try await Nginx.run(site, port: port, in: directory) {
                    try await body("localhost:\(port)", certificate)
                }
            }
        }

        @Test("a certificate of an unknown authority is refused, one of a given authority is trusted", .needs("nginx"))
        func authority() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withProxy(serving: tree.path, in: directory) { host, certificate in
                    let address = "https://user:secret@\(host)"
                    let refused = try await migrate(address, directory.path("one"))
                    #expect(refused.status == 2)
                    let sentence = "https://\(host) cannot be reached: its certificate is not trusted"
                    #expect(refused.errorText.contains(sentence), "\(refused.errorText)")
                    let trust = ["--ca-file", certificate.authority]
                    let believed = try await migrate(address, directory.path("two"), trust).succeeded()
                    #expect(believed.text.contains("4 tags converted"))
                    _ = try await migrate(address, directory.path("three"), ["--insecure-source"]).succeeded()
                }
            }
        }

        @Test(
            "a destination that issues tokens accepts everything from a user with a password",
            .needs("curl", "nginx")
        )
        func token() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withProxy(serving: directory.path("v2"), in: directory) { host, certificate in
                    let options = ["--work", directory.path("work"), "--ca-file", certificate.authority]
                    let nobody = try await migrate(tree.path, "https://\(host)", options)
                    #expect(nobody.status == 2)
                    #expect(
                        nobody.errorText.contains("it requires a login: put the user in the address"),
                        "\(nobody.errorText)"
                    )
                    let sent = try await migrate(tree.path, "https://user:secret@\(host)", options).succeeded()
                    #expect(sent.text.contains("4 tags converted"))
                }
                try await withLongshore(serving: directory.path("v2")) { server in
                    let tags = try await Curl.request(server.url("/v2/centos/tags/list"))
                    #expect(tags.text.contains(#"["6","app","centos6","latest"]"#), "\(tags.text)")
                }
            }
        }

        @Test("a file without certificates is refused with a sentence", arguments: ["", "no certificate"])
        func noAuthority(text: String) async throws {
            try await withTemporaryDirectory { directory in
                let file = try directory.write(Data(text.utf8), to: "authority.pem")
                for path in [file, directory.path("absent")] {
                    let result = try await migrate("https://localhost:1", directory.path("new"), ["--ca-file", path])
                    #expect(result.status == 2)
                    #expect(result.errorText.contains("longshore: the certificates of \(path) cannot be used"))
                }
            }
        }
    }
}
