import Foundation
import ImageModel
import SystemLibraries

/// Recorded bytes, and bytes made without randomness.
enum Testdata {
    /// The bytes of the file `name` in `testdata/layers`.
    static func layer(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: "testdata/layers/\(name)")))
    }

    /// `count` bytes that look random and are the same for the same `seed` (SplitMix64).
    static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: word >> 24)
        }
    }

    /// The decompressed content of `pieces`, pushed one after the other.
    static func decompressed(_ pieces: [ArraySlice<UInt8>], _ compression: Compression) throws -> [UInt8] {
        var output: [UInt8] = []
        var decompressor = try Decompressor(compression)
        for piece in pieces {
            try piece.withUnsafeBytes { bytes in try decompressor.decompress(bytes) { output += $0 } }
        }
        try decompressor.finish()
        return output
    }

    /// The decompressed content of `bytes`, pushed at once.
    static func decompressed(_ bytes: [UInt8], _ compression: Compression) throws -> [UInt8] {
        try decompressed([bytes[...]], compression)
    }

    /// One gzip member that contains `pieces`.
    static func gzipped(_ pieces: [ArraySlice<UInt8>]) throws -> [UInt8] {
        var output: [UInt8] = []
        var compressor = try GzipCompressor()
        for piece in pieces { piece.withUnsafeBytes { bytes in compressor.compress(bytes) { output += $0 } } }
        compressor.finish { output += $0 }
        return output
    }

    /// `bytes` in pieces of `count`.
    static func pieces(of bytes: [UInt8], count: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: count).map { bytes[$0..<min($0 + count, bytes.count)] }
    }
}
