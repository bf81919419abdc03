/// Decompresses a stream of any compression, fed piece by piece, in constant memory.
///
/// Concatenated streams of one format are one stream, as the formats specify. Apart from 256 KiB of output it needs the
/// format's memory: 40 KiB for gzip, 4 MiB for bzip2, and for xz, lzma and zstd what the stream's header demands, up to
/// ``memoryLimit``.
///
/// It is noncopyable because copies would share the decoder's state.
package struct Decompressor: ~Copyable {
    /// The maximum memory of one xz or lzma stream. `xz -9` needs 65 MiB; zstd's own limit is 128 MiB.
    package static let memoryLimit: UInt64 = 136 << 20

    private static let outputByteCount = 256 << 10

    private let decoder: any StreamDecoder
    private let limits: LayerLimits
    private let turn: DecoderTurns.Turn?
    private let output: UnsafeMutableRawBufferPointer
    private var inputByteCount: Int64 = 0
    private var outputByteCount: Int64 = 0
    /// Whether the decoder may have more output than fitted into the buffer.
    private var mayHoldOutput = false

    /// Starts a stream.
    ///
    /// - Parameter limits: Limits on the output.
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

    /// Decompresses all of `input` and passes the result to `sink`, piece by piece.
    ///
    /// A piece is valid until `sink` returns. After an error the decompressor must not be used.
    /// - Throws: ``DecompressionError``, or any error of `sink`.
    package mutating func decompress(
        _ input: UnsafeRawBufferPointer,
        into sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var input = input
        while let piece = try next(&input) { try sink(piece) }
    }

    /// Ends the stream.
    ///
    /// - Throws: ``DecompressionError/truncated`` if the stream is incomplete or empty.
    package mutating func finish() throws(DecompressionError) { try decoder.finish() }

    /// The next piece of output from `input`, which is consumed from its front; nil once all input is consumed and no
    /// output is left.
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
                throw .corrupt(reason: "the decoder makes no progress")
            }
        }
        return nil
    }
}
