import Foundation
import Testing

extension Integration {
    @Suite("migrate, through TLS") struct CertificateTests {
        @Test(
            "a registry whose certificate nobody knows is refused, one of a given authority is believed",
            .needs("nginx", "openssl")
        )
        func authority() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path) { server in
                    try await NginxProxy.with(passingTo: server.host, in: directory) { proxy in
                        let address = "https://\(proxy.host)"
                        let refused = try await migrate(address, directory.path("one"))
                        #expect(refused.status == 2)
                        #expect(refused.errorText.contains("\(address) cannot be reached: "), "\(refused.errorText)")
                        #expect(refused.errorText.contains("certificate"), "\(refused.errorText)")
                        let options = ["--ca-file", proxy.authority]
                        let believed = try await migrate(address, directory.path("two"), options).succeeded()
                        #expect(believed.text.contains("4 tags converted"))
                        _ = try await migrate(address, directory.path("three"), ["--insecure-source"]).succeeded()
                        let work = ["--work", directory.path("work")]
                        let other = try await migrate(tree.path, address, work)
                        #expect(other.status == 2)
                        _ = try await migrate(tree.path, address, work + options).succeeded()
                    }
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
