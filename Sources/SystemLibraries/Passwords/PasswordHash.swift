internal import CCrypt

/// What a password is checked against: a hash in any form that stands in an htpasswd file.
///
/// Forms: Apache HTTP Server, "Password Formats"; crypt(5). A text that is none of them, such as a password in plain text,
/// is no hash: no password matches it.
package struct PasswordHash: Hashable, Sendable {
    /// How it was made.
    package enum Scheme: String, Sendable, CaseIterable {
        /// `$2y$`, `$2a$`, `$2b$`
        case bcrypt
        /// `$apr1$`: Apache's variant of MD5-crypt.
        case apr1
        /// `{SHA}`: one SHA-1, without salt.
        case sha1
        /// `{SSHA}`: one SHA-1, with salt.
        case saltedSHA1
        /// `$1$`
        case md5Crypt
        /// `$5$`
        case sha256Crypt
        /// `$6$`
        case sha512Crypt
        /// `$y$`, `$gy$`, `$7$`
        case yescrypt
        /// Thirteen characters: the first eight of the password count.
        case desCrypt
    }

    /// As it stands in the file.
    package let text: String
    /// How it was made.
    package let scheme: Scheme

    /// Takes what stands behind the user's name; nil when it has no form that is known.
    package init?(_ text: String) {
        guard let scheme = Self.scheme(of: text) else { return nil }
        self.text = text
        self.scheme = scheme
    }

    /// Hashes a password by bcrypt.
    ///
    /// - Parameter cost: How often is 2 to the power of it: 4 to 31. Each step doubles the time that a login takes.
    /// - Throws: ``PasswordHashingError``.
    package static func bcrypt(_ password: String, cost: Int) throws(PasswordHashingError) -> PasswordHash {
        guard (4...31).contains(cost) else { throw .cost(cost) }
        guard !password.isEmpty, password.utf8.count <= 72, !password.utf8.contains(0) else { throw .password }
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        // Without bytes of ours it takes the salt from the system's randomness.
        guard crypt_gensalt_rn("$2y$", UInt(cost), nil, 0, &setting, Int32(setting.count)) != nil else {
            throw .library
        }
        let text = SystemCrypt.hash(Array(password.utf8), setting: setting.withUnsafeBufferPointer { Array($0) })
        guard let text, let hash = PasswordHash(text) else { throw .library }
        return hash
    }

    /// Whether it is the hash of `password`. Takes as long as its maker wished: a quarter of a second for bcrypt of cost 12.
    package func matches(_ password: [UInt8]) -> Bool {
        // The hash functions of C take a text up to its first zero.
        guard !password.contains(0) else { return false }
        switch scheme {
        case .apr1: return ApacheMD5.hash(password, like: text)?.isEqualInConstantTime(to: Array(text.utf8)) ?? false
        case .sha1, .saltedSHA1: return SHA1Password(text)?.matches(password) ?? false
        case .bcrypt, .md5Crypt, .sha256Crypt, .sha512Crypt, .yescrypt, .desCrypt:
            let setting = text.utf8.map { CChar(bitPattern: $0) } + [0]
            guard let actual = SystemCrypt.hash(password, setting: setting) else { return false }
            return Array(actual.utf8).isEqualInConstantTime(to: Array(text.utf8))
        }
    }

    private static let prefixes: [(String, Scheme)] = [
        ("$2y$", .bcrypt), ("$2a$", .bcrypt), ("$2b$", .bcrypt), ("$apr1$", .apr1), ("{SHA}", .sha1),
        ("{SSHA}", .saltedSHA1), ("$1$", .md5Crypt), ("$5$", .sha256Crypt), ("$6$", .sha512Crypt), ("$y$", .yescrypt),
        ("$gy$", .yescrypt), ("$7$", .yescrypt),
    ]

    private static func scheme(of text: String) -> Scheme? {
        if let known = prefixes.first(where: { text.hasPrefix($0.0) }) { return known.1 }
        let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        return text.utf8.count == 13 && text.utf8.allSatisfy(alphabet.contains) ? .desCrypt : nil
    }
}

/// Why there is no hash of a password.
package enum PasswordHashingError: Error, Equatable, CustomStringConvertible {
    /// The cost is not one that bcrypt has.
    case cost(Int)
    /// The password is empty, has a zero byte in it, or is longer than the 72 bytes of which bcrypt takes account.
    case password
    /// libcrypt has no bcrypt, or the system no randomness.
    case library

    package var description: String {
        switch self {
        case .cost(let cost): "bcrypt has costs from 4 to 31, not \(cost)"
        case .password: "a password has 1 to 72 bytes, none of them zero"
        case .library: "libcrypt cannot make a bcrypt hash"
        }
    }
}

/// How much work it is.
extension PasswordHash {
    /// A number that is the same for hashes that take as long as each other, and larger for those that take longer, so far
    /// as their form tells.
    package var effort: Int {
        switch scheme {
        case .sha1, .saltedSHA1: 0
        case .desCrypt: 1
        case .apr1, .md5Crypt: 2
        case .sha256Crypt, .sha512Crypt: 3
        case .yescrypt: 4
        // `$2y$12$`: the cost stands in two digits.
        case .bcrypt: 10 + (Int(text.dropFirst(4).prefix(2)) ?? 0)
        }
    }
}

/// The system's `crypt`, which may be called from many threads at once.
enum SystemCrypt {
    /// The hash of a password with the method, salt and cost that `setting` begins with; nil for what libcrypt refuses.
    ///
    /// - Parameter setting: A hash or the start of one, ended by a zero.
    static func hash(_ password: [UInt8], setting: [CChar]) -> String? {
        let phrase = password.map { CChar(bitPattern: $0) } + [0]
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer { memory.deallocate() }
        guard let result = crypt_rn(phrase, setting, memory, Int32(size)) else { return nil }
        return String(cString: result)
    }
}
