import ImageModel

/// An image id in 32 bytes: an index of all images of a registry may hold a million of them.
struct ImageKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// Nil for the short ids of early engines, which no projection has.
    init?(_ id: V1ImageID) {
        let digits = Array(id.description.utf8)
        guard digits.count == 64 else { return nil }
        var words = SIMD4<UInt64>()
        for index in 0..<4 {
            let text = String(decoding: digits[(index * 16)..<(index * 16 + 16)], as: UTF8.self)
            guard let word = UInt64(text, radix: 16) else { return nil }
            words[index] = word
        }
        self.words = words
    }
}
