internal import COpenSSL

/// A secret key that authenticates messages: HMAC with SHA-256, RFC 2104.
package struct MessageAuthentication: Sendable {
    private let key: [UInt8]

    /// The size of a code in bytes.
    package static let byteCount = 32

    /// Creates one with a key of any length.
    package init(key: [UInt8]) { self.key = key }

    /// Creates one with a random key that lasts as long as this process.
    package init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<Self.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The authentication code of a message: 32 bytes.
    package func code(for message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, buffer.baseAddress, nil)
            count = Self.byteCount
        }
    }

    /// Whether `code` authenticates a message. Runs in constant time.
    package func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool {
        self.code(for: message).isEqualInConstantTime(to: code)
    }
}

extension [UInt8] {
    /// Whether both have the same bytes, compared in constant time.
    func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        count == other.count && CRYPTO_memcmp(self, other, count) == 0
    }
}
