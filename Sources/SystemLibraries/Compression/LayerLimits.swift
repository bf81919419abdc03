/// How much work may go into the bytes of one layer: a few bytes may decompress to terabytes.
package struct LayerLimits: Sendable {
    /// The most bytes that may come out of a compressed stream.
    package var outputByteCount: Int64
    /// How many times its own size a stream may have come to, once more than ``freeOutputByteCount`` came out of it. gzip
    /// reaches 1032 for zeros alone; images of whole systems are at 2 to 5.
    package var expansion: Int64
    /// How long one layer may be worked on, waits for its bytes not counted.
    package var time: Duration
    /// Whose turn it is to be decompressed; nil for layers that are there already and read one after the other.
    package var turns: DecoderTurns?

    /// So many bytes may come out of a stream whatever its size: empty databases and sparse logs are mostly zeros.
    package static let freeOutputByteCount: Int64 = 4 << 30

    package init(
        outputByteCount: Int64 = 256 << 30,
        expansion: Int64 = 200,
        time: Duration = .seconds(3600)
    ) {
        self.outputByteCount = outputByteCount
        self.expansion = expansion
        self.time = time
    }

    /// For layers that an operator works on by hand: no limits.
    package static let none = LayerLimits(outputByteCount: .max, expansion: .max, time: .seconds(Int64.max / 2))

    /// The same for a layer that arrives as slowly as its client likes: few such are decompressed at once.
    package var arriving: LayerLimits {
        var limits = self
        limits.turns = .arriving
        return limits
    }

    /// The most bytes that may come out of `inputByteCount` bytes.
    func outputLimit(ofInput inputByteCount: Int64) -> Int64 {
        let expanded = max(inputByteCount, 1).multipliedReportingOverflow(by: expansion)
        let allowed = expanded.overflow ? Int64.max : max(expanded.partialValue, Self.freeOutputByteCount)
        return min(allowed, outputByteCount)
    }
}
