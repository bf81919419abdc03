import Foundation
import Testing

extension Integration {
    @Suite("longshore cert", .needs("openssl")) struct CertTests {
        @Test("creates a certificate signed by its authority, with every host in it, and the first as its name")
        func make() async throws {
            try await withTemporaryDirectory { directory in
                let made = try await cert(["registry.test", "10.0.0.5", "*.test"], directory).succeeded()
                let (certificate, authority) = (
                    directory.path("certs/registry.test.crt"), directory.path("certs/ca.crt")
                )
                let verified = try await Program("openssl").run(
                    ["verify", "-x509_strict", "-CAfile", authority, "-purpose", "sslserver", certificate]
                )
                #expect(verified.status == 0, "\(verified.errorText)")
                let text = try await Program("openssl").run(["x509", "-in", certificate, "-noout", "-text"]).succeeded()
                    .text
                #expect(text.contains("Subject: CN = registry.test"))
                #expect(text.contains("DNS:registry.test, IP Address:10.0.0.5, DNS:*.test"))
                for step in [
                    "certificate: \(certificate)", "/etc/docker/certs.d/registry.test:5000/ca.crt",
                    "/etc/containers/certs.d/registry.test:5000/ca.crt", "update-ca-trust", "update-ca-certificates",
                ] {
                    #expect(made.text.contains(step), "\(step)")
                }
            }
        }

        @Test("makes keys readable only by their owner, and reuses an authority")
        func authority() async throws {
            try await withTemporaryDirectory { directory in
                _ = try await cert(["a.test"], directory).succeeded()
                let authority = try Data(contentsOf: URL(filePath: directory.path("certs/ca.crt")))
                _ = try await cert(["b.test"], directory).succeeded()
                #expect(try Data(contentsOf: URL(filePath: directory.path("certs/ca.crt"))) == authority)
                for name in ["ca.key", "a.test.key", "b.test.key"] {
                    let attributes = try FileManager.default.attributesOfItem(atPath: directory.path("certs/\(name)"))
                    #expect(attributes[.posixPermissions] as? Int == 0o600)
                }
                let verified = try await Program("openssl").run(
                    ["verify", "-CAfile", directory.path("certs/ca.crt"), directory.path("certs/b.test.crt")]
                )
                #expect(verified.status == 0)
            }
        }

        @Test("does not overwrite a certificate, and accepts only hosts")
        func refusals() async throws {
            try await withTemporaryDirectory { directory in
                _ = try await cert(["a.test"], directory).succeeded()
                let again = try await cert(["a.test"], directory)
                #expect(again.status == 1 && again.errorText.contains("a.test.crt already exists"))
                let malformed = try await cert(["https://a.test"], directory)
                #expect(malformed.status == 64 && malformed.errorText.contains("neither a host name nor an IP address"))
            }
        }

        private func cert(_ hosts: [String], _ directory: TemporaryDirectory) async throws -> ProgramResult {
            try await Program.longshore.run(["cert", "--host"] + hosts + ["--directory", directory.path("certs")])
        }
    }
}
