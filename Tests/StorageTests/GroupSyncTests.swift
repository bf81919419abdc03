import NIOCore
import Synchronization
import Testing

@testable import Storage

@Suite("Concurrent commits") struct GroupSyncTests {
    @Test("share their syncs: those that wait for one get the next together")
    func shared() async throws {
        try await withScratchDirectory { directory in
            let finished = Counter()
            let sync = Mutex<GroupSync?>(nil)
            let recorder = CallRecorder { _, call, _ in
                // A sync lasts until every unfinished commit waits for it or for the next one.
                if call == .syncFileSystem, let sync = sync.withLock({ $0 }) {
                    while sync.callerCount + finished.count < 8 {}
                }
                return nil
            }
            let storage = try await recorder.open(directory.path)
            guard let groupSync = storage.groupSync else { return }
            sync.withLock { $0 = groupSync }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        var batch = WriteBatch()
                        batch.put(ByteBuffer(string: "x"), at: .root.appending("a/\(number)"))
                        try await storage.commit(batch)
                        finished.next()
                    }
                }
                try await group.waitForAll()
            }
            let calls = recorder.calls.map(\.call)
            #expect(calls.count { $0 == .rename } == 8)
            #expect(calls.count { $0 == .syncFileSystem } < 8)
            #expect(!calls.contains(.syncFile) && !calls.contains(.syncDirectory))
        }
    }

    @Test("a batch of many changes takes two syncs, and a temporary one none")
    func counts() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path)
            guard storage.groupSync != nil else { return }
            var batch = WriteBatch()
            for number in 0..<10 { batch.put(ByteBuffer(string: "x"), at: .root.appending("\(number)/\(number)")) }
            try await storage.commit(batch)
            #expect(syncCount(recorder) == 2)
            recorder.arm()
            var unchanged = WriteBatch()
            for number in 0..<10 {
                unchanged.ensure(ByteBuffer(string: "x"), at: .root.appending("\(number)/\(number)"))
            }
            try await storage.commit(unchanged)
            #expect(syncCount(recorder) == 0)
            recorder.arm()
            var cache = WriteBatch()
            cache.put(ByteBuffer(string: "x"), at: .root.appending("c/1"), as: .cache)
            cache.discard(.root.appending("1"))
            try await storage.commit(cache)
            #expect(syncCount(recorder) == 0)
            recorder.arm()
            var required = WriteBatch()
            required.require(.root.appending("c/1"))
            try await storage.commit(required)
            #expect(syncCount(recorder) == 1)
        }
    }

    @Test("when a shared sync is slow, each file is synced before the first name, and each directory in batch order")
    func slow() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
            for name in ["a", "b", "c"] { try await storage.write("x", to: "\(name)/0") }
            var batch = WriteBatch()
            batch.put(ByteBuffer(string: "x"), at: .root.appending("a/1"))
            try await storage.commit(batch)
            recorder.arm()
            batch = WriteBatch()
            batch.promote(try await storage.staged(.root.appending("a/1")), to: .root.appending("b/1"))
            batch.put(ByteBuffer(string: "x"), at: .root.appending("c/1"))
            batch.put(ByteBuffer(string: "x"), at: .root.appending("c/2"))
            batch.remove(.root.appending("a/0"))
            try await storage.commit(batch)
            let steps = recorder.calls.filter {
                [.syncFile, .rename, .unlink, .syncDirectory, .syncFileSystem].contains($0.call)
            }
            let expected: [(SystemCall, String?)] = [
                (.syncFile, nil), (.syncFile, nil), (.syncFile, nil),
                (.rename, "b/1"), (.syncDirectory, "a"), (.syncDirectory, "b"),
                (.rename, "c/1"), (.rename, "c/2"), (.syncDirectory, "c"), (.unlink, "a/0"), (.syncDirectory, "a"),
            ]
            #expect(steps == expected.map { CallRecorder.Call(call: $0.0, path: $0.1.map(directory.path)) })
        }
    }

    private func syncCount(_ recorder: CallRecorder) -> Int {
        recorder.calls.count { [.syncFile, .syncDirectory, .syncFileSystem].contains($0.call) }
    }
}
