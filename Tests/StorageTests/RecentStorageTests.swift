import NIOCore
import Testing

@testable import Storage

/// Cached observations of objects, and their invalidation.
@Suite("A caching storage")
struct RecentStorageTests {
    private let base = MemoryStorage()

    private func open(_ window: Duration = .seconds(3600)) -> RecentStorage {
        RecentStorage(over: TrackedStorage(base), window: window)
    }

    private func key(_ path: String) -> ObjectKey { .root.appending(path) }

    @Test("caches its observations despite other writers, until the window is over", arguments: [true, false])
    func window(isOver: Bool) async throws {
        let recent = open(isOver ? .zero : .seconds(3600))
        try await base.write("old", to: "a/b")
        #expect(try await recent.attributes(of: key("a/b"))?.byteCount == 3)
        #expect(try await recent.attributes(of: key("a/c")) == nil)
        #expect(try await recent.list(key("a")).map(\.name) == ["b"])
        try await base.write("newer", to: "a/b")
        try await base.write("new", to: "a/c")
        #expect(try await recent.attributes(of: key("a/b"))?.byteCount == (isOver ? 5 : 3))
        #expect((try await recent.attributes(of: key("a/c")) != nil) == isOver)
        #expect(try await recent.list(key("a")).map(\.name) == (isOver ? ["b", "c"] : ["b"]))
        #expect(try await recent.current.attributes(of: key("a/b"))?.byteCount == 5)
        #expect(try await recent.current.list(key("a")).map(\.name) == ["b", "c"])
        #expect(try await recent.read(key("a/b"), limit: 5) == ByteBuffer(string: "newer"))
    }

    /// Changes that create, replace or remove the object `x/y/z`, or create something below it, where `x/y/old` exists.
    static let changes: [(name: String, change: @Sendable (any ObjectStorage) async throws -> Void)] = [
        ("write", { try await $0.write("z", to: "x/y/z") }),
        ("unsynced", { try await $0.write(ByteBuffer(string: "z"), to: .root.appending("x/y/z"), as: .cache) }),
        (
            "share",
            {
                var batch = WriteBatch()
                batch.share(.root.appending("x/y/old"), as: .root.appending("x/y/z"))
                try await $0.commit(batch)
            }
        ),
        ("below", { try await $0.write("z", to: "x/y/z/deep/er") }),
        (
            "commit",
            {
                var batch = WriteBatch()
                batch.put(ByteBuffer(string: "z"), at: .root.appending("x/y/z"))
                try await $0.commit(batch)
            }
        ),
        (
            "promote",
            {
                let staged = try await $0.stage(.temporary(.root.appending("staging/1"), isPromoted: true))
                try await staged.append(ByteBuffer(string: "z"))
                var batch = WriteBatch()
                batch.promote(staged, to: .root.appending("x/y/z"))
                try await $0.commit(batch)
            }
        ),
        (
            "promote alone",
            {
                let staged = try await $0.stage(.temporary(.root.appending("staging/1"), isPromoted: true))
                try await staged.append(ByteBuffer(string: "z"))
                try await staged.promote(to: .root.appending("x/y/z"))
            }
        ),
        (
            "share",
            {
                var batch = WriteBatch()
                batch.share(.root.appending("x/y/old"), as: .root.appending("x/y/z"))
                try await $0.commit(batch)
            }
        ),
    ]

    @Test("a change made through it invalidates the key and the prefixes above it")
    func own() async throws {
        for (name, change) in Self.changes {
            let base = MemoryStorage()
            let recent = RecentStorage(over: TrackedStorage(base), window: .seconds(3600))
            try await recent.write("old", to: "x/y/old")
            let keys = ["x", "x/y", "x/y/z"].map(key)
            _ = try await recent.attributes(of: keys)
            for prefix in keys { _ = try await recent.list(prefix) }
            try await change(recent)
            #expect(try await recent.attributes(of: keys) == base.attributes(of: keys), "\(name)")
            for prefix in keys {
                #expect(try await recent.list(prefix) == base.list(prefix), "\(name)")
            }
        }
    }

    @Test("a removal invalidates everything below it, and so does a refused change", arguments: [0, 1, 2, 3])
    func removal(way: Int) async throws {
        let recent = open()
        try await recent.write("1", to: "x/y/1")
        try await recent.write("2", to: "x/y/2")
        let keys = ["x", "x/y", "x/y/1", "x/y/2"].map(key)
        _ = try await recent.attributes(of: keys)
        for prefix in keys { _ = try await recent.list(prefix) }
        switch way {
        case 0: try await recent.removeAll(below: key("x"))
        case 1:
            var batch = WriteBatch()
            batch.discard(key("x/y"))
            try await recent.commit(batch)
        case 2: try await recent.remove(key("x/y/1"))
        default:
            try await base.remove(key("x/y/1"))
            var batch = WriteBatch()
            batch.put(ByteBuffer(), at: key("x/y/1"), if: .version(ObjectVersion(number: 0)))
            await #expect(throws: StorageError.changed(key("x/y/1"))) { try await recent.commit(batch) }
        }
        #expect(try await recent.attributes(of: keys) == base.attributes(of: keys))
        for prefix in keys { #expect(try await recent.list(prefix) == base.list(prefix)) }
    }

    @Test("a change of other keys invalidates nothing")
    func others() async throws {
        let recent = open()
        try await recent.write("1", to: "x/y/1")
        let value = DerivedValues<String, String>(recent, costLimit: 1 << 20)
        let seen = try await recent.observe(["x/y/1", "x/y/2"].map(key))
        value.keep("made", for: "it", madeFrom: seen, cost: 1)
        try await recent.write("3", to: "x/y/3")
        try await recent.removeAll(below: key("x/z"))
        let before = try await base.attributes(of: key("x/y/1"))
        // Bypassing the cache: reading it would show the change.
        try await base.write("another", to: "x/y/1")
        #expect(try await value.value(for: "it") == "made")
        #expect(try await recent.attributes(of: key("x/y/1")) == before)
        try await recent.write("2", to: "x/y/2")
        #expect(try await value.value(for: "it") == nil)
    }

    @Test("an observation from before a change that is stored after it is not used")
    func race() async throws {
        let recent = open()
        try await recent.write("old", to: "a")
        let value = DerivedValues<String, String>(recent, costLimit: 1 << 20)
        let seen = try await recent.observe([key("a")])
        try await recent.write("newer", to: "a")
        value.keep("from the old one", for: "it", madeFrom: seen, cost: 1)
        #expect(try await value.value(for: "it") == nil)
        #expect(try await recent.attributes(of: key("a"))?.byteCount == 5)
    }

    @Test("reads during changes never restore an old value")
    func concurrency() async throws {
        let recent = open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    let key = ObjectKey.root.appending("d/\(number)")
                    for byteCount in 1...500 {
                        let bytes = ByteBuffer(repeating: 0x20, count: byteCount)
                        try await recent.write(bytes, to: key)
                        #expect(try await recent.attributes(of: key)?.byteCount == Int64(byteCount))
                    }
                }
                group.addTask {
                    for _ in 0..<1000 { _ = try await recent.attributes(of: ObjectKey.root.appending("d/\(number)")) }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a value is valid as long as its objects are unchanged, even beyond the window")
    func derived() async throws {
        let recent = open(.zero)
        try await base.write("old", to: "a")
        let value = DerivedValues<String, String>(recent, costLimit: 1 << 20)
        value.keep("made", for: "it", madeFrom: try await recent.observe(["a", "b"].map(key)), cost: 1)
        #expect(try await value.value(for: "it") == "made")
        #expect(try await value.values(for: ["it", "other"]) == ["it": "made"])
        try await base.write("b", to: "b")
        #expect(try await value.value(for: "it") == nil)
    }
}

extension ObjectStorage {
    fileprivate func list(_ prefix: ObjectKey) async throws(StorageError) -> [ObjectEntry] {
        try await list(prefix, after: nil, limit: .max)
    }
}
