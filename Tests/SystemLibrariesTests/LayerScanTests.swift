import ImageModel
import SystemLibraries
import Testing

@Suite struct LayerScanTests {
    /// The unfinished scan of `bytes`, in pieces.
    static func scan(_ bytes: [UInt8], pieceByteCount: Int = 1 << 20, v1ImageJSON: [UInt8]? = nil) -> LayerScan {
        let scan = LayerScan(v1ImageJSON: v1ImageJSON)
        for piece in Testdata.pieces(of: bytes, count: pieceByteCount) { piece.withUnsafeBytes { scan.update($0) } }
        return scan
    }

    static let plainDiffID = "518da0c1ef5e1efcdf3e4773d6fff3e5b0dc804c4a6ec61501fa9931157d6c89"
    static let dotDiffID = "fcc1a3e6f1a1cee5bbab6a74e8fdb810f4ad6cce07af8ec0b4ee68ed70bdb49a"
    static let emptyDiffID = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

    static let golden: [(String, Compression, String, Int64)] = [
        ("plain.tar", .none, plainDiffID, 20480),
        ("plain.tar.gz", .gzip, plainDiffID, 20480),
        ("plain.tar.bz2", .bzip2, plainDiffID, 20480),
        ("plain.tar.xz", .xz, plainDiffID, 20480),
        ("plain.tar.lzma", .lzma, plainDiffID, 20480),
        ("plain.tar.zst", .zstd, plainDiffID, 20480),
        ("plain-unsized.tar.zst", .zstd, plainDiffID, 20480),
        ("pax.tar.gz", .gzip, "3f97dab93900ed2207f77503d4636103d46d494555cd725effa536bf55bef4d8", 10240),
        ("dot.tar.gz", .gzip, dotDiffID, 10240),
        ("empty.tar.gz", .gzip, emptyDiffID, 1024),
        ("empty.tar", .none, emptyDiffID, 1024),
        ("gnu-sparse.tar.gz", .gzip, "fa18163174abe72bafceb76c9518d847a05b4c6dfdfb20936fd1cdb98d5769a2", 266_240),
    ]

    @Test("reads a whole layer in one pass, however it arrives", arguments: golden)
    func whole(name: String, compression: Compression, diffID: String, byteCount: Int64) throws {
        let bytes = try Testdata.layer(name)
        for pieceByteCount in [1, 15, 16, 17, 4096] {
            let facts = try Self.scan(bytes, pieceByteCount: pieceByteCount).finish()
            #expect(facts.digest == Digest(.sha256, of: bytes))
            #expect(facts.byteCount == Int64(bytes.count))
            #expect(facts.diffID.hex == diffID)
            #expect(facts.uncompressedByteCount == byteCount)
            #expect(facts.compression == compression)
            #expect(facts.payloadChecksum == nil)
        }
    }

    @Test("computes the checksum that docker-registry stored")
    func payloadChecksum() throws {
        let scan = Self.scan(
            try Testdata.layer("plain.tar.gz"),
            v1ImageJSON: try Testdata.layer("plain.tar.gz.json")
        )
        let expected = "sha256:d45d246711371e6a7ae3eee64a56c510a51770b6ec0314b9f30ffa0a2cd2b5d8"
        #expect(try scan.finish().payloadChecksum?.description == expected)
        #expect(scan.storedBytes.payloadChecksum?.description == expected)
    }

    static let damaged: [(String, LayerDamage)] = [
        ("truncated.tar.gz", .truncated),
        ("half.tar.gz", .truncated),
        ("flipped.tar.gz", .corrupt(reason: "incorrect data check")),
        ("garbage", .notTar(reason: "there is no header at byte 0, or its checksum does not match")),
        ("one-byte", .notTar(reason: "a header has 512 bytes, but there are only 1")),
        ("512-mib-dictionary.xz", .memoryLimit),
    ]

    @Test("reports what is wrong with a layer, and still knows its bytes", arguments: damaged)
    func damages(name: String, damage: LayerDamage) throws {
        let bytes = try Testdata.layer(name)
        let json = Array("{}".utf8)
        for pieceByteCount in [1, 100, 1 << 20] {
            let scan = Self.scan(bytes, pieceByteCount: pieceByteCount, v1ImageJSON: json)
            #expect(throws: damage) { try scan.finish() }
            #expect(scan.storedBytes.digest == Digest(.sha256, of: bytes))
            #expect(scan.storedBytes.byteCount == Int64(bytes.count))
            #expect(scan.storedBytes.payloadChecksum == Digest(.sha256, of: json + Array("\n".utf8) + bytes))
        }
    }

    @Test("accepts zeros as an empty tar, but not text")
    func nothingButZeros() throws {
        // A million zero bytes begin with two zero blocks: an empty tar, and something after it.
        #expect(try Self.scan(try Testdata.layer("zeros.gz")).finish().uncompressedByteCount == 1_000_000)
        let text = try Testdata.gzipped([Array(repeating: UInt8(ascii: "a"), count: 600)[...]])
        #expect(throws: LayerDamage.notTar(reason: "there is no header at byte 0, or its checksum does not match")) {
            try Self.scan(text).finish()
        }
    }

    @Test("reports a layer of no bytes as empty")
    func empty() {
        let scan = LayerScan(v1ImageJSON: nil)
        #expect(throws: LayerDamage.empty) { try scan.finish() }
        #expect(scan.storedBytes.digest == Digest(.sha256, of: [UInt8]()))
    }

    @Test("reports a layer as corrupt when that damages its tar")
    func corruptBeforeNotTar() throws {
        // Noise in a member with a wrong CRC: both are damage, and the CRC explains the other.
        var bytes = try Testdata.gzipped([Testdata.noise(5000, seed: 10)[...]])
        let scan = Self.scan(bytes)
        #expect(throws: LayerDamage.notTar(reason: "there is no header at byte 0, or its checksum does not match")) {
            try scan.finish()
        }
        bytes[bytes.count - 8] ^= 1
        #expect(throws: LayerDamage.corrupt(reason: "incorrect data check")) { try Self.scan(bytes).finish() }
    }

    @Test("hashes what follows the end of the tar, and refuses what follows the compressed data")
    func trailing() throws {
        let tar = TarBytes.end + Testdata.noise(100, seed: 11)
        let facts = try Self.scan(try Testdata.gzipped([tar[...]])).finish()
        #expect(facts.diffID == Digest(.sha256, of: tar))
        #expect(try Self.scan(tar).finish().diffID == Digest(.sha256, of: tar))
        let bytes = try Testdata.layer("plain.tar.gz") + [0, 0]
        #expect(throws: LayerDamage.trailingData) { try Self.scan(bytes).finish() }
    }

    @Test("reads a layer of several gzip members")
    func members() throws {
        let tar = try Testdata.layer("plain.tar")
        let bytes = try Testdata.gzipped([tar[..<700]]) + Testdata.gzipped([]) + Testdata.gzipped([tar[700...]])
        for pieceByteCount in [1, 1 << 20] {
            #expect(try Self.scan(bytes, pieceByteCount: pieceByteCount).finish().diffID.hex == Self.plainDiffID)
        }
    }

    @Test("accepts no truncated layer", arguments: ["dot.tar.gz", "dot.tar.bz2", "dot.tar.xz", "dot.tar.zst"])
    func truncations(name: String) throws {
        let bytes = try Testdata.layer(name)
        for count in 0..<bytes.count {
            #expect(throws: LayerDamage.self, "\(count) bytes") { try Self.scan(Array(bytes[..<count])).finish() }
        }
    }

    @Test("describes every damage in one sentence for operators")
    func sentences() {
        let damages: [LayerDamage] = [
            .empty, .truncated, .corrupt(reason: "x"), .notTar(reason: "x"), .trailingData, .libraryMissing(.zstd),
            .memoryLimit,
        ]
        #expect(Set(damages.map(\.description)).count == damages.count)
        for damage in damages {
            #expect(damage.description.hasPrefix("the layer"))
            #expect(!damage.description.contains("\n"))
        }
    }
}
