import SystemLibraries
import Testing

@Suite("Base64 for URLs")
struct Base64URLTests {
    @Test(
        "encodes and decodes without padding: RFC 4648, section 10",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"), ("\u{3}\u{3E}\u{3F}~\u{7F}", "Az4_fn8"),
        ]
    )
    func vectors(bytes: String, text: String) {
        #expect(Base64URL.encode(Array(bytes.utf8)) == text)
        #expect(Base64URL.decode(text) == Array(bytes.utf8))
    }

    @Test("uses minus and underscore for the last two digits")
    func alphabet() {
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64URL.decode("--__") == [0xFB, 0xEF, 0xFF])
    }

    @Test("accepts complete padding", arguments: ["Zg==", "Zm8=", "Zm9v"])
    func padding(text: String) {
        #expect(Base64URL.decode(text) != nil)
    }

    @Test(
        "refuses anything else",
        arguments: ["Z", "Zg=", "Zm8==", "Zm9v=", "Zm9vYg===", "Z+==", "Z/8", "Zg\n", "Z g", "Zh", "Zm9", "é", "="]
    )
    func refusals(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("round-trips every length")
    func lengths() {
        for count in 0..<200 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }
}
