import ImageModel

/// Fingerprints that identify public keys.
enum KeyFingerprint {
    /// The key ID of Docker's libtrust: the first 30 bytes of the SHA-256 of the SubjectPublicKeyInfo, in base32, in
    /// groups of four characters separated by colons.
    static func libtrust(_ der: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in hash(der).prefix(30) {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                if text.count % 5 == 4 { text.append(UInt8(ascii: ":")) }
                text.append(alphabet[Int(bits >> UInt32(bitCount) & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The SHA-256 of a text, in base64url.
    static func sha256(_ text: String) -> String { Base64URL.encode(hash(Array(text.utf8))) }

    private static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = StreamingDigest(.sha256)
        hash.update(bytes)
        return hash.hash()
    }
}
