import SystemLibraries
import Testing

@Suite("Certificates") struct CertificateTests {
    @Test(
        "are created only for valid names and addresses",
        arguments: [
            ("registry.example.com", true), ("localhost", true), ("*.example.com", true), ("10.0.0.5", true),
            ("::1", true),
            ("my_host", true), ("", false), ("a..b", false), ("-a.b", false), ("a b", false), ("a,IP:1.2.3.4", false),
            ("*", false), ("a.*.b", false), ("https://a", false), ("a:5000", false), ("ä.test", false),
            (String(repeating: "a", count: 65), false),
        ]
    )
    func hosts(text: String, isHost: Bool) { #expect((CertificateHost(text) != nil) == isHost) }

    @Test("and their keys are read back as written, and nothing else is")
    func roundTrip() throws {
        let key = try CertificateKey()
        let authority = try Certificate.authority(named: "An authority", key, days: 10)
        let pem = try authority.pem()
        #expect(try Certificate(pem: pem).pem() == pem)
        #expect(try CertificateKey(pem: key.pem()).pem() == key.pem())
        #expect(throws: KeyError.malformedPEM) { try Certificate(pem: Array("no certificate".utf8)) }
        #expect(throws: KeyError.malformedPEM) { try CertificateKey(pem: pem) }
        #expect(throws: KeyError.wrongKind) { try CertificateKey(pem: P256PrivateKey().pem()) }
    }

    @Test("of two servers have different serial numbers")
    func serials() throws {
        let key = try CertificateKey()
        let authority = (certificate: try Certificate.authority(named: "An authority", key, days: 10), key: key)
        let hosts = ["localhost"].compactMap(CertificateHost.init)
        let first = try Certificate.server(hosts, key, signedBy: authority, days: 1).pem()
        #expect(try Certificate.server(hosts, key, signedBy: authority, days: 1).pem() != first)
    }
}
