import ImageModel

/// A hash that only this process can work out, by which it knows secrets again that it does not keep.
///
/// SHA-256 of a random key and the secret: it leaves the process as little as the secret does.
package struct KeyedHash: Sendable {
    private let start: StreamingDigest

    package init() {
        var generator = SystemRandomNumberGenerator()
        var start = StreamingDigest(.sha256)
        // As many bytes as the function takes at once.
        start.update((0..<64).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        self.start = start
    }

    /// What a secret is known by.
    package struct Code: Hashable, Sendable {
        // Words, and not a vector: that is aligned to more bytes than a task's own memory is.
        private let words: (UInt64, UInt64, UInt64, UInt64)

        fileprivate init(_ bytes: UnsafeRawBufferPointer) {
            func word(_ index: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
            words = (word(0), word(1), word(2), word(3))
        }

        package static func == (left: Code, right: Code) -> Bool { left.words == right.words }

        package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    /// The hash of a secret.
    package func code(of secret: [UInt8]) -> Code {
        var hash = start
        hash.update(secret)
        return hash.hash().withUnsafeBytes { Code($0) }
    }
}
