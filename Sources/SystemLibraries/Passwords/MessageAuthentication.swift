internal import COpenSSL

/// A secret that makes short proofs of who wrote a text: HMAC with SHA-256, RFC 2104.
package struct MessageAuthentication: Sendable {
    private let key: [UInt8]

    /// How many bytes a proof has.
    package static let byteCount = 32

    /// Takes a secret of any length.
    package init(key: [UInt8]) { self.key = key }

    /// Takes a secret that lasts as long as this process, from the system's randomness.
    package init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<Self.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The proof for a message: 32 bytes.
    package func code(for message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, buffer.baseAddress, nil)
            count = Self.byteCount
        }
    }

    /// Whether `code` is the proof for a message. Takes as long whatever the response is.
    package func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool {
        self.code(for: message).isEqualInConstantTime(to: code)
    }
}

extension [UInt8] {
    /// Whether both are the same bytes, found out in a time that does not tell where they differ.
    func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        count == other.count && CRYPTO_memcmp(self, other, count) == 0
    }
}
