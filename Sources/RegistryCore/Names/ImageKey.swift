import ImageModel

/// An image id in 32 bytes: an index of all images of a registry may contain a million of them.
struct ImageKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// Returns nil for the short ids of early engines, which projections never have.
    init?(_ id: V1ImageID) {
        var words = SIMD4<UInt64>()
        var count = 0
        for digit in id.description.utf8 {
            guard count < 64 else { return nil }
            let value = digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
            words[count / 16] = words[count / 16] << 4 | UInt64(value)
            count += 1
        }
        guard count == 64 else { return nil }
        self.words = words
    }
}
