internal import COpenSSL

/// Apache's variant of the MD5 password hash of FreeBSD: `$apr1$SALT$HASH`.
///
/// Apache Portable Runtime, "apr_md5_encode".
enum ApacheMD5 {
    private static let prefix = "$apr1$"
    private static let digits = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Hashes a password with the salt of an existing hash; returns nil if that is not an apr1 hash.
    static func hash(_ password: [UInt8], like text: String) -> [UInt8]? {
        guard text.hasPrefix(prefix) else { return nil }
        let salt = Array(text.dropFirst(prefix.count).utf8.prefix { $0 != UInt8(ascii: "$") }.prefix(8))
        var hash = md5(start(password, salt))
        for round in 0..<1000 {
            var input = round & 1 != 0 ? password : hash
            if round % 3 != 0 { input += salt }
            if round % 7 != 0 { input += password }
            input += round & 1 != 0 ? hash : password
            hash = md5(input)
        }
        return Array(prefix.utf8) + salt + [UInt8(ascii: "$")] + encode(hash)
    }

    private static func start(_ password: [UInt8], _ salt: [UInt8]) -> [UInt8] {
        var input = password + Array(prefix.utf8) + salt
        let mixed = md5(password + salt + password)
        for index in password.indices { input.append(mixed[index % mixed.count]) }
        var bits = password.count
        while bits > 0 {
            input.append(bits & 1 != 0 ? 0 : password[0])
            bits >>= 1
        }
        return input
    }

    private static func encode(_ hash: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        func append(_ bytes: [Int], characters: Int) {
            var value = bytes.reduce(0) { $0 << 8 | Int(hash[$1]) }
            for _ in 0..<characters {
                text.append(digits[value & 63])
                value >>= 6
            }
        }
        for index in 0..<4 { append([index, index + 6, index + 12], characters: 4) }
        append([4, 10, 5], characters: 4)
        append([11], characters: 2)
        return text
    }

    private static func md5(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(MD5_DIGEST_LENGTH)) { buffer, count in
            MD5(bytes, bytes.count, buffer.baseAddress)
            count = Int(MD5_DIGEST_LENGTH)
        }
    }
}

/// A `{SHA}` or `{SSHA}` hash in base64: the SHA-1 of the password and optional salt, followed by the salt.
struct SHA1Password {
    private let hash: [UInt8]
    private let salt: [UInt8]

    private static let hashByteCount = 20

    /// Returns nil if the text is not the base64 of a hash.
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
