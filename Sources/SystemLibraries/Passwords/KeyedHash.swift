import ImageModel

/// A hash only this process can compute, used to recognise secrets without storing them.
///
/// It is the SHA-256 of a random key and the secret, and must be kept as private as the secret itself.
package struct KeyedHash: Sendable {
    private let start: StreamingDigest

    /// Draws a random key: codes of different instances do not match.
    package init() {
        var generator = SystemRandomNumberGenerator()
        var start = StreamingDigest(.sha256)
        // The hash function's block size.
        start.update((0..<64).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        self.start = start
    }

    /// The hash of a secret.
    package struct Code: Hashable, Sendable {
        // Separate words instead of a SIMD vector, whose alignment exceeds that of task-allocated memory.
        private let words: (UInt64, UInt64, UInt64, UInt64)

        fileprivate init(_ bytes: UnsafeRawBufferPointer) {
            func word(_ index: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
            words = (word(0), word(1), word(2), word(3))
        }

        package static func == (left: Code, right: Code) -> Bool { left.words == right.words }

        package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    /// Hashes a secret.
    package func code(of secret: [UInt8]) -> Code {
        var hash = start
        hash.update(secret)
        return hash.hash().withUnsafeBytes { Code($0) }
    }
}
