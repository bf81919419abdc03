import Foundation
import Testing

extension Integration {
    @Suite("encryption", .needs("curl", "openssl")) struct EncryptionTests {
        @Test(
            "one port serves encrypted requests, and unencrypted ones as configured",
            arguments: [("allow", 200, nil), ("refuse", 400, nil), ("redirect", 301, "https://127.0.0.1:PORT/v2/?n=1")]
        )
        func onePort(policy: String, status: Int, location: String?) async throws {
            try await withEncryptedServer("plain: \(policy)") { server, certificate in
                let plain = try await Curl.request("http://\(server.host)/v2/?n=1")
                #expect(plain.status == status)
                #expect(plain.headers["location"] == location?.replacing("PORT", with: "\(server.port)"))
                let encrypted = try await Curl.request("https://\(server.host)/v2/", certificate.trusted)
                #expect(encrypted.status == 200)
            }
        }

        @Test("a client that begins a handshake and sends garbage is disconnected")
        func garbage() async throws {
            try await withEncryptedServer { server, certificate in
                let bytes =
                    "exec 3<>/dev/tcp/127.0.0.1/\(server.port); printf '\\026\\003\\001\\000\\005hello' >&3; "
                    + "timeout 20 cat <&3 | wc -c"
                let result = try await Program("bash").run(["-c", bytes]).succeeded()
                // An alert of seven bytes at most.
                #expect((0...7).contains(Int(result.text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1))
                let answer = try await Curl.request("https://\(server.host)/v2/", certificate.trusted)
                #expect(answer.status == 200)
            }
        }

        @Test(
            "HTTP/2 is supported unless it is switched off",
            arguments: [("", "2"), ("http2: {disabled: true}", "1.1")]
        )
        func version(key: String, expected: String) async throws {
            try await withEncryptedServer(http: key) { server, certificate in
                let options = ["-sS", "-o", "/dev/null", "-w", "%{http_version}"] + certificate.trusted
                let version = try await Program("curl").run(options + ["https://\(server.host)/v2/"]).succeeded().text
                #expect(version == expected)
            }
        }

        @Test(
            "the combined access log has the version of HTTP that a client spoke",
            arguments: [("--http1.0", "HTTP/1.0"), ("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2.0")]
        )
        func loggedVersion(option: String, version: String) async throws {
            let keys = "http2: {disabled: false}\nlog: {accesslog: {format: combined}}"
            try await withEncryptedServer(http: keys) { server, certificate in
                let answer = try await Curl.request("https://\(server.host)/v2/", certificate.trusted + [option])
                #expect(answer.status == 200)
                let line = "\"GET /v2/ \(version)\" 200 2 "
                #expect(try await server.running.waitForOutput { $0.contains(line) ? line : nil } == line)
            }
        }

        @Test("blobs arrive complete, and URLs say https", arguments: ["--http1.1", "--http2"])
        func blobs(protocolOption: String) async throws {
            try await withEncryptedServer { server, certificate in
                try await withTemporaryDirectory { directory in
                    let options = certificate.trusted + [protocolOption]
                    let bytes = Data((0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
                    let file = try directory.write(bytes, to: "blob")
                    let digest = try await sha256(of: "cat '\(file)'")
                    let begun = try await Curl.request(
                        "https://localhost:\(server.port)/v2/a/blobs/uploads/",
                        options + ["-X", "POST"]
                    )
                    let location = try #require(begun.headers["location"])
                    #expect(location.hasPrefix("https://localhost:\(server.port)/v2/a/blobs/uploads/"))
                    let put = try await Curl.request(
                        "\(location)&digest=\(digest)",
                        options + ["-X", "PUT", "--data-binary", "@\(file)"]
                    )
                    #expect(put.status == 201)
                    let url = "https://\(server.host)/v2/a/blobs/\(digest)"
                    let whole = try await Curl.request(url, options)
                    #expect(whole.status == 200 && whole.body == bytes)
                    let part = try await Curl.request(url, options + ["-r", "1000000-4000000"])
                    #expect(part.status == 206 && part.body == bytes[1_000_000...4_000_000])
                    let head = try await Curl.request(url, options + ["-I"])
                    #expect(head.status == 200 && head.headers["content-length"] == "\(bytes.count)")
                }
            }
        }

        @Test(
            "old protocols are refused, unless old clients are allowed",
            arguments: [
                ("", "-tls1_2", true), ("", "-tls1_3", true), ("", "-tls1_1", false), ("", "-tls1", false),
                ("minimumtls: tls1.3", "-tls1_2", false), ("minimumtls: tls1.0", "-tls1_1", false),
                ("profile: old", "-tls1", true), ("profile: old", "-tls1_1", true), ("profile: old", "-tls1_3", true),
                ("ciphersuites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA], minimumtls: tls1.0", "-tls1", true),
                ("ciphersuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256], minimumtls: tls1.0", "-tls1", false),
            ]
        )
        func versions(keys: String, option: String, isAccepted: Bool) async throws {
            try await withEncryptedServer(keys) { server, certificate in
                let result = try await Program("openssl").run(
                    ["s_client", "-connect", server.host, "-CAfile", certificate.authority, option]
                        + ["-cipher", "ALL@SECLEVEL=0", "-verify_return_error"]
                )
                #expect((result.status == 0) == isAccepted, "\(result.errorText)")
            }
        }

        @Test("a client without a certificate of the clients' authority gets no connection")
        func clientAuthority() async throws {
            try await withTemporaryDirectory { directory in
                let ours = try await TestCertificate(in: directory.path("ours"))
                let others = try await TestCertificate(in: directory.path("others"))
                let client = try await clientCertificate(directory, signedBy: ours)
                let configuration = ours.configuration(
                    root: directory.path("registry"),
                    tls: "clientcas: [\(ours.authority)]"
                )
                try await withLongshore(configuration: configuration, in: directory.path("config.yml")) { server in
                    let url = "https://\(server.host)/v2/"
                    for (options, isLetIn) in [
                        ([], false), (["--cert", others.certificate, "--key", others.key], false),
                        (["--cert", client.0, "--key", client.1], true),
                    ] {
                        let result = try await Program("curl").run(["-sSf", url] + ours.trusted + options)
                        #expect((result.status == 0) == isLetIn, "\(options)")
                    }
                }
            }
        }

        @Test("SIGHUP loads a new certificate, and drops no connection")
        func reload() async throws {
            try await withTemporaryDirectory { directory in
                let first = try await TestCertificate(in: directory.path("certs"))
                let configuration = first.configuration(root: directory.path("registry"))
                try await withLongshore(configuration: configuration, in: directory.path("config.yml")) { server in
                    let before = try await serial(server)
                    let upload = try await SlowUpload(to: server, directory, scheme: "https", options: first.trusted)
                    defer { upload.discard() }
                    try FileManager.default.removeItem(atPath: first.certificate)
                    try FileManager.default.removeItem(atPath: first.key)
                    _ = try await TestCertificate(in: directory.path("certs"))
                    server.running.send(SIGHUP)
                    _ = try await server.running.waitForOutput { $0.contains("msg=reloaded") ? true : nil }
                    let after = try await serial(server)
                    #expect(after != before)
                    try upload.finish()
                    #expect(try await upload.status() == "202")
                }
            }
        }

        @Test("SIGHUP with an unusable certificate keeps the previous one, and reports why")
        func brokenReload() async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let configuration = certificate.configuration(root: directory.path("registry"))
                try await withLongshore(configuration: configuration, in: directory.path("config.yml")) { server in
                    let before = try await serial(server)
                    try "no certificate".write(toFile: certificate.certificate, atomically: true, encoding: .utf8)
                    server.running.send(SIGHUP)
                    _ = try await server.running.waitForOutput { $0.contains("msg=\"reload failed:") ? true : nil }
                    #expect(try server.logCount("msg=reloaded") == 0)
                    #expect(try server.logCount("cannot load the certificate; keeping the previous one") == 1)
                    #expect(try await serial(server) == before)
                }
            }
        }

        @Test(
            "an unusable certificate or key ends the program with a sentence",
            arguments: [
                ("certificate", "does not contain a certificate in PEM"),
                ("key", "does not contain a private key in PEM"),
                ("other", "the certificate is for another key"),
            ]
        )
        func unusable(fault: String, sentence: String) async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let other = try await TestCertificate(in: directory.path("others"))
                let key = fault == "key" ? certificate.authority : fault == "other" ? other.key : certificate.key
                let file = fault == "certificate" ? "/dev/null" : certificate.certificate
                let text = TestCertificate(certificate: file, key: key, authority: certificate.authority)
                    .configuration(root: directory.path("registry"))
                let path = try directory.write(Data(text.utf8), to: "config.yml")
                let result = try await Program.longshore.run(["serve", path, "--address", "127.0.0.1:0"])
                #expect(result.status == 1)
                #expect(result.errorText.contains(sentence), "\(result.errorText)")
            }
        }

        private func serial(_ server: LongshoreProcess) async throws -> String {
            let command =
                "openssl s_client -connect \(server.host) </dev/null 2>/dev/null | openssl x509 -noout -serial"
            return try await Program("bash").run(["-c", command]).succeeded().text
        }

        /// A certificate for a client, as `openssl` makes it.
        private func clientCertificate(_ directory: TemporaryDirectory, signedBy authority: TestCertificate)
            async throws
            -> (String, String)
        {
            let (file, key) = (directory.path("client.crt"), directory.path("client.key"))
            let authorityKey = authority.authority.replacing("ca.crt", with: "ca.key")
            let request = "openssl req -newkey rsa:2048 -nodes -keyout '\(key)' -subj /CN=client"
            let sign = "openssl x509 -req -CA '\(authority.authority)' -CAkey '\(authorityKey)' -CAcreateserial -days 2"
            _ = try await Program("bash").run(["-c", "\(request) | \(sign) -out '\(file)'"]).succeeded()
            return (file, key)
        }

        private func withEncryptedServer(
            _ keys: String = "",
            http: String = "",
            _ body: (LongshoreProcess, TestCertificate) async throws -> Void
        ) async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let text = certificate.configuration(root: directory.path("registry"), tls: keys, http: http)
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    try await body(server, certificate)
                }
            }
        }
    }
}
