import SystemLibraries
import Testing

@Suite struct GzipCompressorTests {
    @Test("creates what the decompressor reverses", arguments: [0, 1, 100, 130_000, 700_000])
    func roundTrip(byteCount: Int) throws {
        let bytes = Testdata.noise(byteCount, seed: 6)
        #expect(try Testdata.decompressed(try Testdata.gzipped([bytes[...]]), .gzip) == bytes)
    }

    @Test("creates the same member however its input is cut", arguments: [1, 13, 4096, 100_000])
    func cuts(pieceByteCount: Int) throws {
        let bytes = try Testdata.layer("plain.tar") + Testdata.noise(5000, seed: 7)
        let pieces = Testdata.pieces(of: bytes, count: pieceByteCount)
        #expect(try Testdata.gzipped(pieces) == (try Testdata.gzipped([bytes[...]])))
    }

    @Test("writes no time and no name into the header")
    func header() throws {
        let member = try Testdata.gzipped([try Testdata.layer("plain.tar")[...]])
        #expect(Array(member.prefix(8)) == [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0])
        #expect(member.count < 1500)
    }
}
