import Foundation
import Testing

extension Integration {
    @Suite("a handshake", .needs("curl", "openssl")) struct HandshakeTests {
        @Test("in an SSL 2 frame, as OpenSSL 0.9.8 begins it, is answered with TLS 1.0 when old clients are allowed")
        func oldFrame() async throws {
            try await withServer("profile: old") { server in
                let answer = try await respond(of: server)
                #expect(answer == "16 03 01")
            }
        }

        @Test("in an SSL 2 frame is refused in TLS when they are not")
        func oldFrameRefused() async throws {
            // A fatal alert about the protocol version: TLS 1.2 (RFC 5246), section 7.2.
            try await withServer { server in
                let answer = try await respond(of: server)
                #expect(answer == "15 03 01")
            }
        }

        @Test("shows the certificates up to the authority")
        func chain() async throws {
            try await withTemporaryDirectory { directory in
                let script = """
                    cd '\(directory.path)'
                    exts() { printf 'basicConstraints=critical,CA:%s\\nsubjectAltName=IP:127.0.0.1\\n' "$1"; }
                    make() { openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/CN=$1" -out "$1.csr"; }
                    make root && openssl x509 -req -in root.csr -signkey root.key -extfile <(exts TRUE) -out root.crt
                    make middle && openssl x509 -req -in middle.csr -CA root.crt -CAkey root.key -set_serial 2 \
                        -extfile <(exts TRUE) -out middle.crt
                    make leaf && openssl x509 -req -in leaf.csr -CA middle.crt -CAkey middle.key -set_serial 3 \
                        -extfile <(exts FALSE) -out leaf.crt
                    cat leaf.crt middle.crt > chain.crt
                    """
                _ = try await Program("bash").run(["-euc", script]).succeeded()
                for (file, isTrusted) in [("chain.crt", true), ("leaf.crt", false)] {
                    let text = """
                        version: 0.1
                        storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                        http: {tls: {certificate: \(directory.path(file)), key: \(directory.path("leaf.key"))}}
                        """
                    try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                        let root = ["--cacert", directory.path("root.crt")]
                        let result = try await Program("curl").run(["-sSf", "https://\(server.host)/v2/"] + root)
                        #expect((result.status == 0) == isTrusted, "\(file): \(result.errorText)")
                    }
                }
            }
        }

        /// The first three bytes of the response to an SSL 2 hello: the frame's length, a client hello, TLS 1.0, the
        /// lengths of what follows, TLS_RSA_WITH_AES_128_CBC_SHA, sixteen bytes of challenge.
        private func respond(of server: LongshoreProcess) async throws -> String {
            let hello = [0x80, 0x1C, 0x01, 0x03, 0x01, 0, 3, 0, 0, 0, 16, 0, 0, 0x2F] + Array(1...16)
            let text = hello.map { "\\x" + String($0 + 256, radix: 16).dropFirst() }.joined()
            let script =
                "exec 3<>/dev/tcp/127.0.0.1/\(server.port); printf '\(text)' >&3; timeout 20 head -c 3 <&3 | od -An -tx1"
            let result = try await Program("bash").run(["-c", script]).succeeded()
            return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private func withServer(_ keys: String = "", _ body: (LongshoreProcess) async throws -> Void) async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let text = certificate.configuration(root: directory.path("registry"), tls: keys)
                try await withLongshore(configuration: text, in: directory.path("config.yml"), body)
            }
        }
    }
}
