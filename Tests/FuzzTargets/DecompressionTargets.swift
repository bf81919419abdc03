import ImageModel
import SystemLibraries

extension FuzzTarget {
    /// Streams of each compression give the same result in pieces as whole.
    static let decompression = Compression.allCases.filter { $0 != .none }.map { compression in
        FuzzTarget(compression.rawValue) { input in
            let whole = try outcome(compression) { take in try input.withUnsafeBytes { try take($0) } }
            let pieces = try outcome(compression) { take in try FuzzInput.inPieces(input, take) }
            try require(whole == pieces, "a stream is the same in pieces")
            if compression == .gzip { try compress(input) }
        }
    }

    private struct TooMuch: Error {}

    private static let outputLimit = 32 << 20

    /// The digest of the output; nil for a damaged stream. Long output is not read to its end.
    private static func outcome(
        _ compression: Compression,
        _ feed: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> Digest? {
        var hash = StreamingDigest(.sha256)
        var decompressor = try Decompressor(compression)
        do {
            try feed { piece in
                try decompressor.decompress(piece) { output in
                    try require(!output.isEmpty, "no piece is empty")
                    hash.update(output)
                    if hash.byteCount > outputLimit { throw TooMuch() }
                }
            }
            try decompressor.finish()
        } catch is DecompressionError {
            return nil
        } catch is TooMuch {
            return Digest(.sha256, of: [])
        }
        return hash.digest()
    }

    private static func compress(_ input: [UInt8]) throws {
        var compressed: [UInt8] = []
        var compressor = try GzipCompressor()
        input.withUnsafeBytes { bytes in compressor.compress(bytes) { compressed += $0 } }
        compressor.finish { compressed += $0 }
        let again = try outcome(.gzip) { take in try compressed.withUnsafeBytes { try take($0) } }
        try require(again == Digest(.sha256, of: input), "compressed bytes decompress to the original")
    }
}
