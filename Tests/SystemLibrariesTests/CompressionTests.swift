import SystemLibraries
import Testing

@Suite struct CompressionTests {
    @Test(
        "recognizes the compression of a stream by its first bytes",
        arguments: [
            ("plain.tar", Compression.none), ("plain.tar.gz", .gzip), ("plain.tar.bz2", .bzip2), ("plain.tar.xz", .xz),
            ("plain.tar.lzma", .lzma), ("plain.tar.zst", .zstd), ("plain-unsized.tar.zst", .zstd), ("empty.tar", .none),
            ("zeros.lzma", .lzma), ("zeros.bz2", .bzip2), ("garbage", .none), ("one-byte", .none),
        ]
    )
    func detects(name: String, compression: Compression) throws {
        #expect(Compression.detected(inPrefix: try Testdata.layer(name)) == compression)
        #expect(Compression.detected(inPrefix: try Testdata.layer(name).prefix(16)) == compression)
    }

    @Test(
        "recognizes a tar whatever its first file is called",
        arguments: ["BZh", "BZh9", "BZh9.txt", "]", "P*M", "hello", "\u{7F}ELF"]
    )
    func names(name: String) {
        #expect(Compression.detected(inPrefix: TarBytes.header(name: name)) == .none)
    }

    @Test(
        "knows what a short stream would have become",
        arguments: [
            ([0x1F, 0x8B, 0x08], Compression.gzip), ([0x1F, 0x8B], .none), (Array("BZh1".utf8), .bzip2),
            (Array("BZh0".utf8), .none), (Array("BZh91AY&SY".utf8), .bzip2), (Array("BZh91AY&SZ".utf8), .none),
            ([0x51, 0x2A, 0x4D, 0x18], .zstd), ([], .none),
            ([0x42, 0x5A, 0x68, 0x39, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0], .bzip2),
        ] as [([UInt8], Compression)]
    )
    func short(prefix: [UInt8], compression: Compression) {
        #expect(Compression.detected(inPrefix: prefix) == compression)
    }
}
