import ImageModel
import Testing

@Suite("Digest")
struct DigestTests {
    private static let hex256 = String(repeating: "0a", count: 32)
    private static let hex512 = String(repeating: "f9", count: 64)

    @Test(
        "accepts sha256 and sha512 with the right number of hex digits",
        arguments: ["sha256:\(hex256)", "sha512:\(hex512)"]
    )
    func accepts(text: String) throws {
        let digest = try Digest(parsing: text)
        #expect(digest.description == text)
        #expect(try Digest(digest.algorithm, hex: digest.hex) == digest)
    }

    @Test(
        "refuses everything else, quoting the input",
        arguments: [
            "", ":", "sha256", "sha256:", "sha256:abc", "sha256:\(hex256)0", "sha256:\(hex512)", "sha512:\(hex256)",
            "SHA256:\(hex256)", "sha256:\(hex256.uppercased())", "md5:\(hex256)", "sha256 :\(hex256)",
            " sha256:\(hex256)",
            "sha256:\(hex256)\n", "sha256:sha256:\(hex256)", "sha256:\(hex256.dropLast())g", "sha256+b64:\(hex256)",
        ]
    )
    func refuses(text: String) {
        let error = #expect(throws: MalformedDigest.self) { try Digest(parsing: text) }
        #expect(error?.text == text)
    }

    @Test("is written in lower case from a hash")
    func fromHash() {
        let digest = Digest(.sha256, hash: [UInt8](repeating: 0xAB, count: 32))
        #expect(digest.description == "sha256:" + String(repeating: "ab", count: 32))
    }
}
