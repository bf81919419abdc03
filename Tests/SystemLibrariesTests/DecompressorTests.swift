import ImageModel
import SystemLibraries
import Testing

@Suite struct DecompressorTests {
    /// A small tar in every compression.
    static let small: [(String, Compression)] = [
        ("dot.tar.gz", .gzip), ("dot.tar.bz2", .bzip2), ("dot.tar.xz", .xz), ("dot.tar.lzma", .lzma),
        ("dot.tar.zst", .zstd),
    ]
    static let smallDigest = "fcc1a3e6f1a1cee5bbab6a74e8fdb810f4ad6cce07af8ec0b4ee68ed70bdb49a"

    @Test("gives the same bytes wherever the stream is cut", arguments: small)
    func cuts(name: String, compression: Compression) throws {
        let bytes = try Testdata.layer(name)
        for cut in 0...bytes.count {
            let output = try Testdata.decompressed([bytes[..<cut], bytes[cut...]], compression)
            #expect(Digest(.sha256, of: output).hex == Self.smallDigest)
        }
        let output = try Testdata.decompressed(Testdata.pieces(of: bytes, count: 1), compression)
        #expect(Digest(.sha256, of: output).hex == Self.smallDigest)
    }

    @Test("accepts no truncated stream", arguments: small)
    func truncations(name: String, compression: Compression) throws {
        let bytes = try Testdata.layer(name)
        for count in 0..<bytes.count {
            #expect(throws: DecompressionError.truncated, "\(count) bytes") {
                try Testdata.decompressed(Array(bytes[..<count]), compression)
            }
        }
    }

    @Test("reads concatenated streams as one", arguments: small)
    func concatenates(name: String, compression: Compression) throws {
        guard compression != .lzma else { return }
        let bytes = try Testdata.layer(name)
        let single = try Testdata.decompressed(bytes, compression)
        for pieceByteCount in [1, 7, 1000] {
            let pieces = Testdata.pieces(of: bytes + bytes + bytes, count: pieceByteCount)
            #expect(try Testdata.decompressed(pieces, compression) == single + single + single)
        }
        #expect(throws: DecompressionError.truncated) {
            try Testdata.decompressed(bytes + bytes.dropLast(), compression)
        }
    }

    @Test(
        "refuses anything but a stream after a stream",
        arguments: [
            ("dot.tar.gz", .gzip, .trailingData), ("dot.tar.bz2", .bzip2, .trailingData),
            ("dot.tar.zst", .zstd, .trailingData), ("dot.tar.lzma", .lzma, .trailingData),
            ("dot.tar.xz", .xz, .corrupt(reason: "the xz or lzma data is damaged")),
        ] as [(String, Compression, DecompressionError)]
    )
    func trailing(name: String, compression: Compression, error: DecompressionError) throws {
        let bytes = try Testdata.layer(name) + Array("and then some more text".utf8)
        #expect(throws: error) { try Testdata.decompressed(bytes, compression) }
        #expect(throws: error) {
            try Testdata.decompressed(Testdata.pieces(of: bytes, count: 1), compression)
        }
    }

    @Test("accepts the padding of an xz file, four zero bytes, and no other")
    func padding() throws {
        let bytes = try Testdata.layer("dot.tar.xz")
        let output = try Testdata.decompressed(bytes + [0, 0, 0, 0], .xz)
        #expect(Digest(.sha256, of: output).hex == Self.smallDigest)
        #expect(throws: DecompressionError.self) { try Testdata.decompressed(bytes + [0, 0, 0], .xz) }
    }

    @Test("never reads other content from gzip with a changed bit: it is refused, or the bit has no meaning")
    func gzipFlips() throws {
        let bytes = try Testdata.layer("dot.tar.gz")
        var acceptedBits: [Int] = []
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            do {
                #expect(Digest(.sha256, of: try Testdata.decompressed(damaged, .gzip)).hex == Self.smallDigest)
                acceptedBits.append(bit)
            } catch { #expect(error is DecompressionError) }
        }
        // The text flag, time, level and system in the header; in the data, unused codes; never the trailer.
        #expect(acceptedBits.filter { $0 < 10 * 8 } == [3 * 8] + Array(4 * 8..<10 * 8))
        #expect(acceptedBits.count < 80)
        #expect(acceptedBits.allSatisfy { $0 < (bytes.count - 8) * 8 })
    }

    @Test("refuses xz with any bit changed")
    func xzFlips() throws {
        let bytes = try Testdata.layer("dot.tar.xz")
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: DecompressionError.self, "bit \(bit)") { try Testdata.decompressed(damaged, .xz) }
        }
    }

    @Test("refuses bytes that only begin like a stream", arguments: small)
    func noise(name: String, compression: Compression) throws {
        let start = try Testdata.layer(name)
        for seed in 0..<100 {
            let bytes = start.prefix(4 + seed % 20) + Testdata.noise(2000, seed: UInt64(seed))
            #expect(throws: DecompressionError.self) { try Testdata.decompressed(Array(bytes), compression) }
            #expect(throws: DecompressionError.self) {
                try Testdata.decompressed(Testdata.noise(2000, seed: UInt64(seed)), compression)
            }
        }
    }

    @Test(
        "outputs more than it holds at once",
        arguments: [
            ("zeros.gz", Compression.gzip), ("zeros.bz2", .bzip2), ("zeros.xz", .xz), ("zeros.lzma", .lzma),
            ("zeros.zst", .zstd),
        ]
    )
    func large(name: String, compression: Compression) throws {
        let output = try Testdata.decompressed(try Testdata.layer(name), compression)
        #expect(output == [UInt8](repeating: 0, count: 1_000_000))
    }

    @Test("passes on what is not compressed")
    func plain() throws {
        let bytes = Testdata.noise(700_000, seed: 5)
        #expect(try Testdata.decompressed(bytes, .none) == bytes)
        #expect(try Testdata.decompressed([UInt8](), .none) == [])
    }

    @Test("does not allocate more than the limit for a stream of xz or zstd")
    func memory() throws {
        let xz = try Testdata.layer("512-mib-dictionary.xz")
        #expect(throws: DecompressionError.memoryLimit) { try Testdata.decompressed(xz, .xz) }
        // A frame with a window of 2 GiB, and an empty last block.
        let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x01, 0x00, 0x00]
        #expect(throws: DecompressionError.memoryLimit) { try Testdata.decompressed(zstd, .zstd) }
    }

    @Test("rethrows errors of the sink")
    func sink() throws {
        let bytes = try Testdata.layer("dot.tar.gz")
        var decompressor = try Decompressor(.gzip)
        var thrown: (any Error)?
        do {
            try bytes.withUnsafeBytes { input in try decompressor.decompress(input) { _ in throw SinkIsFull() } }
        } catch { thrown = error }
        #expect(thrown is SinkIsFull)
    }
}

private struct SinkIsFull: Error {}
