/// Limits on the work spent on one layer: a few bytes can decompress to terabytes.
package struct LayerLimits: Sendable {
    /// The maximum number of bytes a compressed stream may expand to.
    package var outputByteCount: Int64
    /// The maximum expansion ratio of a stream whose output exceeds ``freeOutputByteCount``. gzip reaches 1032 for
    /// zeros only; images of whole systems are at 2 to 5.
    package var expansion: Int64
    /// The maximum processing time of one layer, excluding waits for its bytes.
    package var time: Duration
    /// Limits concurrent decompression; nil for stored layers that are read one after the other.
    package var turns: DecoderTurns?

    /// A stream may always expand to this many bytes: empty databases and sparse logs are mostly zeros.
    package static let freeOutputByteCount: Int64 = 4 << 30

    /// By default, the limits for a layer that a server reads for a client.
    package init(
        outputByteCount: Int64 = 256 << 30,
        expansion: Int64 = 200,
        time: Duration = .seconds(3600)
    ) {
        self.outputByteCount = outputByteCount
        self.expansion = expansion
        self.time = time
    }

    /// No limits, for layers an operator processes by hand.
    package static let none = LayerLimits(outputByteCount: .max, expansion: .max, time: .seconds(Int64.max / 2))

    /// The same limits for a layer that arrives at its client's pace: few of those are decompressed at once.
    package var arriving: LayerLimits {
        var limits = self
        limits.turns = .arriving
        return limits
    }

    /// The maximum output for `inputByteCount` bytes of input.
    func outputLimit(ofInput inputByteCount: Int64) -> Int64 {
        let expanded = max(inputByteCount, 1).multipliedReportingOverflow(by: expansion)
        let allowed = expanded.overflow ? Int64.max : max(expanded.partialValue, Self.freeOutputByteCount)
        return min(allowed, outputByteCount)
    }
}
