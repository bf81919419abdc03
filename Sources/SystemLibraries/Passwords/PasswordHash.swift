internal import CCrypt

/// A password hash in any format found in htpasswd files.
///
/// Formats: Apache HTTP Server, "Password Formats"; crypt(5). Any other text, such as a plain-text password, is not a
/// hash: no password matches it.
package struct PasswordHash: Hashable, Sendable {
    /// The hash algorithm.
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
        /// Thirteen characters; only the first eight of the password count.
        case desCrypt
    }

    /// The hash as written in the file.
    package let text: String
    /// The hash algorithm.
    package let scheme: Scheme

    /// Parses the text after the user name; returns nil for unknown formats.
    package init?(_ text: String) {
        guard let scheme = Self.scheme(of: text) else { return nil }
        self.text = text
        self.scheme = scheme
    }

    /// Hashes a password with bcrypt.
    ///
    /// - Parameter cost: The base-2 logarithm of the number of rounds: 4 to 31. Each step doubles the time of a login.
    /// - Throws: ``PasswordHashingError``.
    package static func bcrypt(_ password: String, cost: Int) throws(PasswordHashingError) -> PasswordHash {
        guard (4...31).contains(cost) else { throw .cost(cost) }
        guard !password.isEmpty, password.utf8.count <= 72, !password.utf8.contains(0) else { throw .password }
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        // Without random bytes from the caller, libcrypt uses the system's random source for the salt.
        guard crypt_gensalt_rn("$2y$", UInt(cost), nil, 0, &setting, Int32(setting.count)) != nil else {
            throw .library
        }
        let text = SystemCrypt.hash(Array(password.utf8), setting: setting.withUnsafeBufferPointer { Array($0) })
        guard let text, let hash = PasswordHash(text) else { throw .library }
        return hash
    }

    /// Whether `password` matches. Deliberately slow, depending on the algorithm: a quarter of a second for bcrypt at
    /// cost 12.
    package func matches(_ password: [UInt8]) -> Bool {
        // The C functions stop at the first zero byte.
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

/// The error when a password cannot be hashed.
package enum PasswordHashingError: Error, Equatable, CustomStringConvertible {
    /// The cost is out of bcrypt's range.
    case cost(Int)
    /// The password is empty, contains a zero byte, or exceeds bcrypt's limit of 72 bytes.
    case password
    /// libcrypt lacks bcrypt, or the system has no randomness.
    case library

    package var description: String {
        switch self {
        case .cost(let cost): "the bcrypt cost must be from 4 to 31, not \(cost)"
        case .password: "a password must have 1 to 72 bytes, none of them zero"
        case .library: "libcrypt cannot make a bcrypt hash"
        }
    }
}

/// The relative effort of computing hashes.
extension PasswordHash {
    /// A rank of the time it takes to compute the hash, as far as its text shows: larger is slower.
    package var effort: Int {
        switch scheme {
        case .sha1, .saltedSHA1: 0
        case .desCrypt: 1
        case .apr1, .md5Crypt: 2
        case .sha256Crypt, .sha512Crypt: 3
        case .yescrypt: 4
        // `$2y$12$`: the cost has two digits.
        case .bcrypt: 10 + (Int(text.dropFirst(4).prefix(2)) ?? 0)
        }
    }
}

/// The system's `crypt`, called in a thread-safe way.
enum SystemCrypt {
    /// Hashes a password with the method, salt and cost at the start of `setting`; nil if libcrypt rejects it.
    ///
    /// - Parameter setting: A hash or its beginning, terminated by a zero byte.
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
