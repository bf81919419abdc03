import SystemLibraries
import Testing

@Suite struct TarIndexTests {
    private static func index(_ bytes: [UInt8]) async throws -> TarIndex {
        try await TarIndex { offset, byteCount in
            guard offset < bytes.count else { return [] }
            return Array(bytes[Int(offset)...].prefix(byteCount))
        }
    }

    private static func pax(_ records: [UInt8]...) -> [UInt8] { TarBytes.entry(type: "x", records.flatMap { $0 }) }

    @Test("members are found by normalised paths")
    func members() async throws {
        let bytes =
            TarBytes.entry(name: "./a/b.json", [1, 2, 3])
            + TarBytes.entry(name: "c//d/../e", Array(repeating: 4, count: 512))
            + Self.pax(TarBytes.paxRecord("path", "/long/name"), TarBytes.paxRecord("size", "2")) + TarBytes.header()
            + TarBytes.padded([5, 6])
        let index = try await Self.index(bytes + TarBytes.end)
        #expect(index.members.map(\.path) == ["a/b.json", "c/e", "long/name"])
        #expect(index.members.map(\.offset) == [512, 1536, 3584])
        #expect(index.members.map(\.byteCount) == [3, 512, 2])
    }

    @Test(
        "a path is normalised like Docker joins it with its directory",
        arguments: [
            ("./c.json", "c.json"), ("a/../b", "b"), ("/a//b/", "a/b"), ("../../a", "a"), ("a/..", ""), (".", ""),
            ("...", "..."),
        ]
    )
    func normalized(path: String, normalized: String) { #expect(TarIndex.normalized(path) == normalized) }

    @Test("a hard link is relative to the root, a symbolic one to its directory")
    func links() async throws {
        func link(_ type: Character, _ target: String) -> [UInt8] {
            var patches: [Int: UInt8] = [:]
            for (index, byte) in target.utf8.enumerated() { patches[157 + index] = byte }
            return TarBytes.header(name: "./b/layer.tar", type: type, patches: patches)
        }
        let index = try await Self.index(
            link("1", "./a/layer.tar") + link("2", "../a/layer.tar") + link("2", "/a/layer.tar") + link("0", "x")
                + TarBytes.end
        )
        #expect(index.members.map(\.linkTargets.first) == ["a/layer.tar", "a/layer.tar", "a/layer.tar", nil])
    }

    @Test("of several extensions before a file the last of each kind applies, and a global one ends them")
    func extensions() async throws {
        let long = TarBytes.entry(type: "L", Array("long\0".utf8))
        let one = Self.pax(TarBytes.paxRecord("path", "one"), TarBytes.paxRecord("size", "1"))
        let two = Self.pax(TarBytes.paxRecord("path", "two"))
        let global = TarBytes.entry(type: "g", TarBytes.paxRecord("path", "all"))
        let file = TarBytes.header(name: "file")
        let index = try await Self.index(one + two + file + one + global + file + two + long + file + TarBytes.end)
        #expect(index.members.map(\.path) == ["two", "file", "long"])
        #expect(index.members.allSatisfy { $0.byteCount == 0 })
    }

    static let most = String(Int64.max)
    static let least = String(Int64.min)

    @Test(
        "an impossible size is refused, in every field",
        arguments: [
            TarBytes.header(size: TarBytes.binary(.max)),
            TarBytes.header(size: TarBytes.binary(.max - 511)),
            TarBytes.header(size: TarBytes.binary(.max), type: "g"),
            TarBytes.header(size: TarBytes.binary(.max), type: "x"),
            TarBytes.header(size: TarBytes.binary(.max), type: "L"),
            TarBytes.header(size: TarBytes.binary(.max), type: "S", patches: [482: 1]) + TarBytes.end,
            TarBytes.header(size: [0xFF] + Array(repeating: 0, count: 11)),
            pax(TarBytes.paxRecord("size", most)) + TarBytes.header(),
            pax(TarBytes.paxRecord("size", least)) + TarBytes.header(),
            pax(TarBytes.paxRecord("size", "-1536")) + TarBytes.header(),
            pax(TarBytes.paxRecord("size", "-1")) + TarBytes.header(),
            pax(TarBytes.paxRecord("size", "99999999999999999999")) + TarBytes.header(),
            pax(TarBytes.paxRecord("size", "12 bytes")) + TarBytes.header(),
        ]
    )
    func sizes(bytes: [UInt8]) async throws {
        await #expect(throws: TarDamage.self) { try await Self.index(bytes + [UInt8](repeating: 0, count: 10_240)) }
        // The two that follow a stream have the same numbers, without an index.
        var walker = TarWalker()
        var reader = TarEntryReader()
        try? (bytes + TarBytes.end).withUnsafeBytes { try walker.walk($0) }
        try? (bytes + TarBytes.end).withUnsafeBytes { try reader.read($0) { _ in } }
    }

    @Test("a tar that ends within a file is indexed; the missing part shows when it is read")
    func truncated() async throws {
        let index = try await Self.index(TarBytes.header(size: TarBytes.binary(1 << 62)) + [1, 2, 3])
        #expect(index.members.map(\.byteCount) == [1 << 62])
    }

    @Test("a sparse file's map is skipped")
    func sparse() async throws {
        var map = [UInt8](repeating: 0, count: 512)
        map[504] = 1
        let bytes =
            TarBytes.header(size: TarBytes.octal(2), type: "S", patches: [482: 1]) + map
            + [UInt8](repeating: 0, count: 512) + TarBytes.padded([1, 2]) + TarBytes.entry(name: "next", [3])
        let index = try await Self.index(bytes + TarBytes.end)
        #expect(index.members.map(\.path) == ["file", "next"])
        #expect(index.members.first?.offset == 1536)
    }

    @Test("any number of extensions before a file takes the memory of one")
    func manyExtensions() throws {
        var reader = TarEntryReader()
        var names: [String: [UInt8]]?
        let headers = (0..<100).flatMap { Self.pax(TarBytes.paxRecord("SCHILY.xattr.\($0)", "x")) }
        try (headers + TarBytes.entry([1]) + TarBytes.end).withUnsafeBytes { bytes in
            try reader.read(bytes) { event in
                if case .entry(let entry) = event { names = entry.extendedAttributes }
            }
        }
        #expect(names?.keys.sorted() == ["99"])
    }
}
