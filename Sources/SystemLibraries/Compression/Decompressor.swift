/// Decompresses a stream that is pushed into it piece by piece, in constant memory, whatever its compression.
///
/// Streams of one format one after the other are one stream, as their formats say. Beside 256 KiB of output it holds what
/// the format asks for: 40 KiB for gzip, 4 MiB for bzip2, and for xz, lzma and zstd as much as the stream's header says,
/// up to ``memoryLimit``.
///
/// It cannot be copied: two copies would go on with one and the same state.
package struct Decompressor: ~Copyable {
    /// The most that one xz or lzma stream may have. `xz -9` makes streams that need 65 MiB; zstd's own limit is 128 MiB.
    package static let memoryLimit: UInt64 = 136 << 20

    private static let outputByteCount = 256 << 10

    private let decoder: any StreamDecoder
    private let limits: LayerLimits
    private let turn: DecoderTurns.Turn?
    private let output: UnsafeMutableRawBufferPointer
    private var inputByteCount: Int64 = 0
    private var outputByteCount: Int64 = 0
    /// Whether the decoder may hold bytes back for which there was no room.
    private var mayHoldOutput = false

    /// Starts a stream.
    ///
    /// - Parameter limits: How much may come out of it.
    /// - Throws: ``DecompressionError/libraryMissing(_:)`` or ``DecompressionError/memoryLimit``.
    package init(_ compression: Compression, limits: LayerLimits = .none) throws(DecompressionError) {
        let (turn, decoder) = try Self.decoder(of: compression, limits)
        self.limits = limits
        self.turn = turn
        self.decoder = decoder
        self.output = .allocate(byteCount: Self.outputByteCount, alignment: 16)
    }

    deinit { output.deallocate() }

    private static func decoder(
        of compression: Compression,
        _ limits: LayerLimits
    ) throws(DecompressionError) -> (DecoderTurns.Turn?, any StreamDecoder) {
        let turn = limits.turns?.take(for: compression)
        if limits.turns != nil, turn == nil { throw .memoryLimit }
        let memoryLimit = turn == nil ? Self.memoryLimit : DecoderTurns.largeMemoryLimit
        let decoder: any StreamDecoder =
            switch compression {
            case .none: PlainDecoder()
            case .gzip: try gzipDecoder()
            case .bzip2: try Bzip2Decoder()
            case .xz: try LzmaDecoder(.xz, memoryLimit: memoryLimit)
            case .lzma: try LzmaDecoder(.alone, memoryLimit: memoryLimit)
            case .zstd: try ZstdDecoder()
            }
        return (turn, decoder)
    }

    private static func gzipDecoder() throws(DecompressionError) -> any StreamDecoder {
        #if ISAL
            try FastGzipDecoder()
        #else
            try GzipDecoder()
        #endif
    }

    /// Decompresses all of `input` and hands the result to `sink`, piece by piece.
    ///
    /// A piece is valid until `sink` returns. After an error the decompressor must not be used.
    /// - Throws: ``DecompressionError``, or what `sink` throws.
    package mutating func decompress(
        _ input: UnsafeRawBufferPointer,
        into sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var input = input
        while let piece = try next(&input) { try sink(piece) }
    }

    /// Ends the stream.
    ///
    /// - Throws: ``DecompressionError/truncated`` when the stream is not whole, as one of no bytes is not.
    package mutating func finish() throws(DecompressionError) { try decoder.finish() }

    /// The next piece that comes out of `input`, whose bytes are taken from its front; nil when there is none and all
    /// input was taken.
    ///
    /// A piece is valid until the next call.
    package mutating func next(
        _ input: inout UnsafeRawBufferPointer
    ) throws(DecompressionError) -> UnsafeRawBufferPointer? {
        while !input.isEmpty || mayHoldOutput {
            let remainingByteCount = input.count
            let count = try decoder.decode(&input, into: output)
            mayHoldOutput = count == output.count
            inputByteCount += Int64(remainingByteCount - input.count)
            outputByteCount += Int64(count)
            let limit = limits.outputLimit(ofInput: inputByteCount)
            guard outputByteCount <= limit else { throw .outputLimit(byteCount: limit) }
            if count > 0 { return UnsafeRawBufferPointer(rebasing: output[..<count]) }
            if input.count == remainingByteCount, remainingByteCount > 0 {
                throw .corrupt(reason: "the decoder comes to a standstill")
            }
        }
        return nil
    }
}
