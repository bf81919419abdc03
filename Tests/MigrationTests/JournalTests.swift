import ImageModel
import Migration
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct JournalTests {
    let source = MemoryStorage()
    let destination = MemoryStorage()
    let centos = V1RepositoryName(namespace: "library", repository: "centos")

    var run: MigrationRun { MigrationRun(from: source, to: destination) }

    private func fill() async throws {
        let tree = TestTree(storage: source)
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        try await tree.tag("6", centos, try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"), below: [root]))
        try await tree.tag("bad", centos, try await tree.add("c", layer: []))
    }

    @Test("a second run opens no layer, not even a damaged one, and reports the same")
    func second() async throws {
        try await fill()
        let first = try await run()
        let counting = CountingStorage(source)
        let second = try await MigrationRun(from: counting, to: destination)()
        #expect(counting.opened.isEmpty)
        #expect(second.names == first.names)
        #expect(second.tags.allSatisfy { $0.outcome == .unchanged })
        #expect(second.failures.map(\.reason) == first.failures.map(\.reason))
        #expect(second.notices.sorted { $0.text < $1.text } == first.notices.sorted { $0.text < $1.text })
    }

    @Test("a repaired layer is converted by the next run")
    func mended() async throws {
        try await fill()
        _ = try await run()
        let tree = TestTree(storage: source)
        try await tree.add("c", layer: try TestTree.layer("plain.tar.gz"))
        #expect(try await run().names == ["centos:6", "centos:bad"])
    }

    @Test("a lost blob is restored by the next run")
    func lostBlob() async throws {
        try await fill()
        let first = try await run()
        let layer = Digest(.sha256, of: try TestTree.layer("pax.tar.gz"))
        try await destination.remove(V2Layout.blobData(layer))
        let second = try await run()
        #expect(second.names == first.names)
        #expect(try await destination.attributes(of: V2Layout.blobData(layer)) != nil)
    }

    @Test(
        "a truncated journal, or a garbage one, costs only time",
        arguments: [0, 1, 40, 400, 4000]
    )
    func cutShort(byteCount: Int) async throws {
        try await fill()
        let first = try await run()
        let key = MigrationJournal.key(of: "source")
        let bytes = try #require(try await destination.read(key, limit: 1 << 20))
        try await destination.write(
            bytes.getSlice(at: 0, length: min(byteCount, bytes.readableBytes)) ?? bytes,
            to: key
        )
        let second = try await run()
        #expect(second.tags.map(\.manifest).sorted() == first.tags.map(\.manifest).sorted())
        let third = try await run()
        #expect(third.changedNothing)
        #expect(third.tags.map(\.manifest).sorted() == first.tags.map(\.manifest).sorted())
    }

    @Test("a repetitive journal is compacted, and nothing is lost")
    func compaction() async throws {
        try await fill()
        let first = try await run()
        let key = MigrationJournal.key(of: "source")
        let bytes = try #require(try await destination.read(key, limit: 1 << 20))
        var repeated = ByteBuffer()
        for _ in 0..<600 { repeated.writeImmutableBuffer(bytes) }
        try await destination.write(repeated, to: key)
        let tree = TestTree(storage: source)
        try await tree.tag("new", centos, try TestTree.id("a"))
        #expect(try await run().names == first.names + ["centos:new"])
        let after = try #require(try await destination.attributes(of: key)?.byteCount)
        #expect(after < Int64(bytes.readableBytes * 2))
        let counting = CountingStorage(source)
        let last = try await MigrationRun(from: counting, to: destination)()
        #expect(counting.opened.isEmpty)
        #expect(last.changedNothing)
        #expect(last.names == first.names + ["centos:new"])
    }

    @Test("what a server has imported is known without a journal, including irregularities")
    func imported() async throws {
        let tree = TestTree(storage: source)
        try await tree.tag("6", centos, try await tree.add("a", layer: try TestTree.layer("plain.tar.gz")))
        try await source.remove(V1Layout.checksum(try TestTree.id("a")))
        let first = try await MigrationRun(of: source)()
        #expect(first.notices.contains { $0.text.contains("_checksum is missing") })
        try await source.remove(MigrationJournal.key(of: "source"))
        let second = try await MigrationRun(of: source)()
        #expect(second.readByteCount == 0)
        #expect(Set(second.notices) == Set(first.notices))
    }
}
