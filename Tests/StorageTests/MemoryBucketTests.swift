import NIOCore
import Storage
import Synchronization
import Testing

/// Properties of an object store that a file system does not have.
@Suite("An in-memory bucket")
struct MemoryBucketTests {
    private let bucket = MemoryBucket()

    private func key(_ path: String) -> ObjectKey { .root.appending(path) }

    @Test("has no directories: a prefix exists with a key below it, and disappears with the last")
    func prefixes() async throws {
        #expect(try await bucket.attributes(of: .root)?.kind == .directory)
        #expect(try await bucket.attributes(of: key("a/b")) == nil)
        try await bucket.write("x", to: "a/b/c")
        try await bucket.write("x", to: "a/b-c")
        #expect(try await bucket.attributes(of: key("a/b"))?.kind == .directory)
        #expect(try await bucket.names("a") == ["b/", "b-c"])
        #expect(try await bucket.read(key("a/b"), limit: 10) == nil)
        try await bucket.remove(key("a/b"))
        #expect(try await bucket.names("a") == ["b/", "b-c"])
        try await bucket.remove(key("a/b/c"))
        #expect(try await bucket.attributes(of: key("a/b")) == nil)
        #expect(try await bucket.names("a") == ["b-c"])
    }

    @Test("lists the names below a prefix, whatever keys are in between")
    func order() async throws {
        for path in ["a/x", "a!/x", "a-b/x", "a-b/y", "a/y/z", "a.b", "a0", "b"] {
            try await bucket.write("x", to: path)
        }
        #expect(try await bucket.names() == ["a/", "a!/", "a-b/", "a.b", "a0", "b"])
        #expect(try await bucket.names("a") == ["x", "y/"])
        #expect(try await bucket.names(after: "a", limit: 2) == ["a!/", "a-b/"])
    }

    @Test("prefixes have no versions, so changes below them show in none")
    func versions() async throws {
        try await bucket.write("x", to: "a/b")
        let before = try await bucket.attributes(of: key("a"))
        try await bucket.write("x", to: "a/c")
        #expect(try await bucket.attributes(of: key("a")) == before)
        #expect(!bucket.traits.prefixesHaveVersions)
    }

    @Test("a copy is a different object from its source")
    func copies() async throws {
        try await bucket.write("layer", to: "a")
        var batch = WriteBatch()
        batch.share(key("a"), as: key("b"))
        try await bucket.commit(batch)
        let versions = try await bucket.attributes(of: [key("a"), key("b")]).map { $0?.version }
        #expect(versions[0] != versions[1])
    }

    @Test("refuses changes after their deadline, by its own clock")
    func deadlines() async throws {
        let time = Mutex<Int64>(100)
        let bucket = MemoryBucket(clock: { time.withLock { $0 } })
        try await bucket.write("x", to: "a/b")
        #expect(try await bucket.attributes(of: key("a/b"))?.modified == 100)
        let staged = try await bucket.stage(.resumable(StagingToken(data: key("staged"))))
        try await staged.checkpoint(nil)
        let changes: [WriteBatch.Change] = [
            .put(ByteBuffer(), at: key("a/b"), .any, .durable), .ensure(ByteBuffer(), at: key("a/b"), wasCache: false),
            .promote(staged, to: key("a/b")), .share(key("a/b"), as: key("a/c")), .remove(key("a/b"), .any),
            .discard(key("a/b")), .abandon(staged),
        ]
        time.withLock { $0 = 101 }
        for change in changes {
            await #expect(throws: StorageError.expired(change.key)) {
                try await bucket.commit(WriteBatch([change], deadline: 100))
            }
        }
        #expect(try await bucket.read(key("a/b"), limit: 10) == ByteBuffer(string: "x"))
        try await bucket.commit(WriteBatch([.require(key("a/b"), byteCount: nil)], deadline: 100))
        try await bucket.commit(WriteBatch([.remove(key("a/b"), .any)], deadline: 101))
        #expect(try await bucket.attributes(of: key("a/b")) == nil)
    }

    @Test("a failed batch has made the changes before the failure")
    func failure() async throws {
        try await bucket.write("other", to: "tag")
        var batch = WriteBatch()
        batch.put(ByteBuffer(string: "link"), at: key("link"))
        batch.put(ByteBuffer(string: "mine"), at: key("tag"), if: .absent)
        batch.put(ByteBuffer(string: "record"), at: key("record"))
        await #expect(throws: StorageError.changed(key("tag"))) { try await bucket.commit(batch) }
        #expect(try await bucket.names() == ["link", "tag"])
        #expect(try await bucket.text("tag") == "other")
    }

    @Test("has the same objects for everyone who opened it")
    func sharing() async throws {
        let other = MemoryBucket(sharing: bucket)
        try await bucket.write("x", to: "a/b")
        #expect(try await other.text("a/b") == "x")
        try await other.removeAll(below: key("a"))
        #expect(try await bucket.names().isEmpty)
    }

    @Test("its listings are cached for the window, and no longer by any version of their prefix")
    func listings() async throws {
        for (window, isOver) in [(Duration.zero, true), (.seconds(3600), false)] {
            let bucket = MemoryBucket()
            let recent = RecentStorage(over: TrackedStorage(bucket), window: window)
            try await bucket.write("x", to: "a/b")
            #expect(try await recent.list(key("a"), after: nil, limit: .max).map(\.name) == ["b"])
            try await MemoryBucket(sharing: bucket).write("x", to: "a/c")
            #expect(
                try await recent.list(key("a"), after: nil, limit: .max).map(\.name) == (isOver ? ["b", "c"] : ["b"])
            )
            try await recent.write("x", to: "a/d")
            #expect(try await recent.list(key("a"), after: nil, limit: .max).map(\.name) == ["b", "c", "d"])
        }
    }
}
