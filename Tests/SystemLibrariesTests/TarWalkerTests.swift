import SystemLibraries
import Testing

@Suite struct TarWalkerTests {
    static func walk(_ pieces: [ArraySlice<UInt8>]) throws {
        var walker = TarWalker()
        for piece in pieces { try piece.withUnsafeBytes { try walker.walk($0) } }
        try walker.finish()
    }

    static func walk(_ bytes: [UInt8]) throws { try walk([bytes[...]]) }

    static let whole: [(String, [UInt8])] = [
        ("no byte", []),
        ("two zero blocks", TarBytes.end),
        ("one zero block", Array(TarBytes.end[..<512])),
        ("a file", TarBytes.entry([1, 2, 3]) + TarBytes.end),
        ("a file of a whole block", TarBytes.entry(Array(repeating: 1, count: 512)) + TarBytes.end),
        ("no end blocks", TarBytes.entry([1, 2, 3])),
        ("no end blocks and no padding", Array(TarBytes.entry([1, 2, 3])[..<515])),
        ("half of the padding", Array(TarBytes.entry([1, 2, 3])[..<700])),
        ("anything after the end", TarBytes.end + Testdata.noise(777, seed: 8)),
        ("a signed checksum", TarBytes.header(name: "é", isSumSigned: true) + TarBytes.end),
        ("a size of blanks", TarBytes.header(size: Array("            ".utf8)) + TarBytes.end),
        ("a size between blanks", TarBytes.header(size: Array("      3    \0".utf8)) + TarBytes.padded([1, 2, 3])),
        ("a size of NULs", TarBytes.header(size: []) + TarBytes.end),
        ("a size in base 256", TarBytes.header(size: TarBytes.binary(3)) + TarBytes.padded([1, 2, 3]) + TarBytes.end),
        ("a link with a size", TarBytes.header(size: TarBytes.octal(5), type: "1") + TarBytes.end),
        ("a directory with a size", TarBytes.header(size: TarBytes.octal(5), type: "5") + TarBytes.end),
        ("an old directory", TarBytes.header(name: "a/", size: TarBytes.octal(5), type: "\0") + TarBytes.end),
        ("a kind nobody knows", TarBytes.entry(type: "Z", [1]) + TarBytes.end),
        (
            "a long name",
            TarBytes.entry(type: "L", Array(repeating: 0x61, count: 600)) + TarBytes.entry([1]) + TarBytes.end
        ),
        (
            "a size in the extended header",
            TarBytes.entry(type: "x", TarBytes.paxRecord("path", "a=b") + TarBytes.paxRecord("size", "3"))
                + TarBytes.header() + TarBytes.padded([1, 2, 3]) + TarBytes.entry([4]) + TarBytes.end
        ),
        (
            "a size in the extended header, in front of a long name",
            TarBytes.entry(type: "x", TarBytes.paxRecord("size", "3")) + TarBytes.entry(type: "L", [0x61])
                + TarBytes.header() + TarBytes.padded([1, 2, 3]) + TarBytes.end
        ),
        (
            "a size for all files, which is none",
            TarBytes.entry(type: "g", TarBytes.paxRecord("size", "3")) + TarBytes.entry([1]) + TarBytes.end
        ),
        (
            "a key that only begins or ends like size",
            TarBytes.entry(
                type: "x",
                TarBytes.paxRecord("sizes", "9") + TarBytes.paxRecord("siz", "9")
                    + TarBytes.paxRecord("GNU.sparse.size", "9") + TarBytes.paxRecord("size", "")
            ) + TarBytes.entry([1]) + TarBytes.end
        ),
        (
            "records that are not well formed",
            TarBytes.entry(type: "x", Array("12 size=9".utf8)) + TarBytes.entry([1]) + TarBytes.end
        ),
        (
            "a sparse file whose map goes on",
            TarBytes.header(size: TarBytes.octal(3), type: "S", patches: [482: 1])
                + [UInt8](repeating: 7, count: 512) + [UInt8](repeating: 0, count: 512) + TarBytes.padded([1, 2, 3])
                + TarBytes.end
        ),
    ]

    @Test("follows a tar to its end", arguments: whole)
    func follows(name: String, bytes: [UInt8]) throws {
        #expect(throws: Never.self, "\(name)") { try Self.walk(bytes) }
        for pieceByteCount in [1, 511, 513] {
            #expect(throws: Never.self, "\(name)") {
                try Self.walk(Testdata.pieces(of: bytes, count: pieceByteCount))
            }
        }
    }

    static let cut: [(String, [UInt8])] = [
        ("in a second header", Array((TarBytes.entry([1]) + TarBytes.entry([2]))[..<1100])),
        ("in content", Array(TarBytes.entry([1, 2, 3])[..<514])),
        ("in front of content", Array(TarBytes.entry([1, 2, 3])[..<512])),
        ("in an extended header", Array(TarBytes.entry(type: "x", TarBytes.paxRecord("path", "a"))[..<515])),
        ("in a long name", Array(TarBytes.entry(type: "L", [1, 2])[..<513])),
        ("in the second zero block", Array(TarBytes.end[..<700])),
        ("in front of a map", TarBytes.header(size: TarBytes.octal(0), type: "S", patches: [482: 1])),
    ]

    @Test("reports that a tar is cut", arguments: cut)
    func truncated(name: String, bytes: [UInt8]) {
        #expect(throws: TarDamage.truncated, "\(name)") { try Self.walk(bytes) }
        #expect(throws: TarDamage.truncated, "\(name)") { try Self.walk(Testdata.pieces(of: bytes, count: 1)) }
    }

    static let none: [(String, [UInt8])] = [
        ("one byte", [0x78]),
        ("noise", Testdata.noise(3000, seed: 9)),
        ("text", Array(repeating: UInt8(ascii: "a"), count: 600)),
        ("a wrong checksum", TarBytes.header(patches: [:]).enumerated().map { $0 == 3 ? $1 ^ 1 : $1 }),
        ("something after one zero block", Array(TarBytes.end[..<512]) + TarBytes.entry([1])),
        ("a size that is no number", TarBytes.header(size: Array("0000000x000".utf8))),
        ("a size of 8", TarBytes.header(size: Array("00000000008".utf8))),
        ("a negative size", TarBytes.header(size: [UInt8](repeating: 0xFF, count: 12))),
        ("a size beyond 64 bits", TarBytes.header(size: [0x80, 1] + [UInt8](repeating: 0, count: 10))),
        (
            "an extended size that is no number",
            TarBytes.entry(type: "x", TarBytes.paxRecord("size", "three")) + TarBytes.entry([1])
        ),
        (
            "a negative extended size",
            TarBytes.entry(type: "x", TarBytes.paxRecord("size", "-1")) + TarBytes.entry([1])
        ),
    ]

    @Test("reports that something is not a tar", arguments: none)
    func notTar(name: String, bytes: [UInt8]) {
        for pieceByteCount in [1, 100, 4096] {
            let damage = #expect(throws: TarDamage.self, "\(name)") {
                try Self.walk(Testdata.pieces(of: bytes, count: pieceByteCount))
            }
            guard case .notTar = damage else {
                Issue.record("\(name): \(String(describing: damage))")
                continue
            }
        }
    }

    @Test("follows a file of more than 8 GiB", arguments: [true, false])
    func huge(isBinary: Bool) throws {
        let size: Int64 = (9 << 30) + 1
        let start =
            isBinary
            ? TarBytes.header(size: TarBytes.binary(size))
            : TarBytes.entry(type: "x", TarBytes.paxRecord("size", "\(size)")) + TarBytes.header()
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var walker = TarWalker()
        try start.withUnsafeBytes { try walker.walk($0) }
        for _ in 0..<(9 << 10) { try zeros.withUnsafeBytes { try walker.walk($0) } }
        #expect(throws: TarDamage.truncated) { try walker.finish() }
        try TarBytes.padded([0]).withUnsafeBytes { try walker.walk($0) }
        try TarBytes.entry([1]).withUnsafeBytes { try walker.walk($0) }
        try walker.finish()
        #expect(throws: TarDamage.self) { try zeros.map { _ in 7 as UInt8 }.withUnsafeBytes { try walker.walk($0) } }
    }

    @Test(
        "follows GNU tar's output, wherever it is cut",
        arguments: ["gnu-sparse.tar.gz", "pax-sparse.tar.gz", "ustar.tar.gz", "v7.tar.gz", "pax.tar.gz", "dot.tar.gz"]
    )
    func programs(name: String) throws {
        let bytes = try Testdata.decompressed(try Testdata.layer(name), .gzip)
        for pieceByteCount in [1, 509, 1 << 20] { try Self.walk(Testdata.pieces(of: bytes, count: pieceByteCount)) }
        // Changing a header where the walker expects it makes a difference.
        var damaged = bytes
        damaged[1] ^= 1
        #expect(throws: TarDamage.self) { try Self.walk(damaged) }
    }
}
