internal import COpenSSL

/// `{SHA}` or `{SSHA}` and base64: a SHA-1 of the password and, if there is one, the salt that stands behind the hash.
struct SHA1Password {
    private let hash: [UInt8]
    private let salt: [UInt8]

    private static let hashByteCount = 20

    /// Nil where the text is no base64 of a hash.
    init?(_ text: String) {
        guard let brace = text.firstIndex(of: "}"), let bytes = Base64.decode(text[text.index(after: brace)...]),
            bytes.count >= Self.hashByteCount
        else { return nil }
        hash = Array(bytes.prefix(Self.hashByteCount))
        salt = Array(bytes.dropFirst(Self.hashByteCount))
        guard text.hasPrefix("{SSHA}") || salt.isEmpty else { return nil }
    }

    func matches(_ password: [UInt8]) -> Bool {
        let input = password + salt
        let actual = [UInt8](unsafeUninitializedCapacity: Self.hashByteCount) { buffer, count in
            SHA1(input, input.count, buffer.baseAddress)
            count = Self.hashByteCount
        }
        return actual.isEqualInConstantTime(to: hash)
    }
}
