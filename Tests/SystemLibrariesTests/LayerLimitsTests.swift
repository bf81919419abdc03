import ImageModel
import Testing

@testable import SystemLibraries

@Suite("The limits of a layer") struct LayerLimitsTests {
    @Test(
        "allow small output, or proportionate output, and never more than the maximum",
        arguments: [
            (0, 4 << 30), (1 << 20, 4 << 30), (1 << 30, 200 << 30), (2 << 30, 256 << 30), (.max, 256 << 30),
        ] as [(Int64, Int64)]
    )
    func outputLimit(input: Int64, output: Int64) {
        #expect(LayerLimits().outputLimit(ofInput: input) == output)
        #expect(LayerLimits.none.outputLimit(ofInput: input) == .max)
    }

    @Test("stop excessive expansion, in every compression", arguments: DecompressorTests.small)
    func expansion(name: String, compression: Compression) throws {
        let bytes = try Testdata.layer(name)
        var decompressor = try Decompressor(compression, limits: LayerLimits(outputByteCount: 1000))
        #expect(throws: DecompressionError.outputLimit(byteCount: 1000)) {
            try bytes.withUnsafeBytes { try decompressor.decompress($0) { _ in } }
        }
    }

    @Test(
        "are damage to a layer, whose stored bytes are still hashed to their end",
        arguments: DecompressorTests.small
    )
    func scan(name: String, compression: Compression) throws {
        let bytes = try Testdata.layer(name)
        let scan = LayerScan(limits: LayerLimits(outputByteCount: 1000))
        bytes.withUnsafeBytes { scan.update($0) }
        #expect(throws: LayerDamage.outputLimit(byteCount: 1000)) { try scan.finish() }
        #expect(scan.storedBytes.digest == Digest(.sha256, of: bytes))
        let late = LayerScan(limits: LayerLimits(time: .nanoseconds(-1)))
        bytes.withUnsafeBytes { late.update($0) }
        #expect(throws: LayerDamage.timeLimit) { try late.finish() }
        #expect(late.storedBytes.digest == Digest(.sha256, of: bytes))
    }

    @Test("a layer is the same whether it is read at once or in steps", arguments: DecompressorTests.small)
    func steps(name: String, compression: Compression) throws {
        let bytes = try Testdata.layer(name)
        let whole = LayerScan()
        bytes.withUnsafeBytes { whole.update($0) }
        let facts = try whole.finish()
        for pieceByteCount in [1, 100, bytes.count] {
            let scan = LayerScan()
            for piece in Testdata.pieces(of: bytes, count: pieceByteCount) {
                piece.withUnsafeBytes { piece in
                    var rest = piece
                    while true {
                        let step = scan.update(rest, producing: 1)
                        rest = UnsafeRawBufferPointer(rebasing: rest[step.takenByteCount...])
                        if step.isDone { break }
                    }
                    #expect(rest.isEmpty)
                }
            }
            #expect(try scan.finish() == facts)
        }
    }

    @Test("a step ends when enough output was produced, however much its bytes expand to")
    func stepSize() throws {
        let zeros = [UInt8](repeating: 0, count: 8 << 20)
        var bomb: [UInt8] = []
        var compressor = try GzipCompressor()
        zeros.withUnsafeBytes { input in compressor.compress(input) { bomb += $0 } }
        compressor.finish { bomb += $0 }
        let scan = LayerScan()
        var count = 0
        bomb.withUnsafeBytes { bytes in
            var rest = bytes
            while true {
                let step = scan.update(rest, producing: 1 << 20)
                rest = UnsafeRawBufferPointer(rebasing: rest[step.takenByteCount...])
                if step.isDone { break }
                count += 1
            }
        }
        #expect((7...9).contains(count))
        #expect(try scan.finish().uncompressedByteCount == Int64(zeros.count))
    }

    @Test("only a few arriving layers are decompressed at once, and their turns are released")
    func turns() {
        let turns = DecoderTurns(small: 2, large: 1)
        var taken = [turns.take(for: .gzip), turns.take(for: .bzip2), turns.take(for: .xz)]
        #expect(taken.allSatisfy { $0 != nil })
        #expect(turns.take(for: .gzip) == nil && turns.take(for: .lzma) == nil && turns.take(for: .zstd) == nil)
        taken = []
        #expect(turns.take(for: .gzip) != nil && turns.take(for: .lzma) != nil)
    }

    @Test("of several pax headers the last counts, and GNU's long name takes precedence")
    func paxRows() throws {
        let pax = { (key: String, value: String) in
            TarBytes.entry(name: "pax", type: "x", TarBytes.paxRecord(key, value))
        }
        let long = TarBytes.entry(name: "././@LongLink", type: "L", Array("long\0".utf8))
        let tar =
            pax("path", "first") + pax("uname", "only") + TarBytes.header(name: "plain") + long + pax("path", "pax")
            + TarBytes.header(name: "plain") + TarBytes.end
        var reader = TarEntryReader()
        var entries: [TarEntry] = []
        try tar.withUnsafeBytes { bytes in
            try reader.read(bytes) { event in
                if case .entry(let entry) = event { entries.append(entry) }
            }
        }
        #expect(entries.map { String(decoding: $0.name, as: UTF8.self) } == ["plain", "long"])
        #expect(entries.first.map { String(decoding: $0.userName, as: UTF8.self) } == "only")
    }
}
