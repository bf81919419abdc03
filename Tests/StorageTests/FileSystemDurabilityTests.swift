import Glibc
import NIOCore
import Testing

@testable import Storage

@Suite("The durability of a file system storage")
struct FileSystemDurabilityTests {
    @Test(
        "syncs every directory that gained or lost a name, and the file before",
        arguments: StorageOperation.allCases.filter(\.isDurable)
    )
    func order(operation: StorageOperation) async throws {
        try await withScratchDirectory { directory in
            try await operation.prepare(try await CallRecorder().open(directory.path))
            let recorder = operation.recorder()
            try await operation.run(on: try await recorder.open(directory.path))
            let calls = recorder.calls
            for made in Set(calls.filter { $0.call == .makeDirectory }.compactMap(\.path)) {
                expectSync(of: made, behind: .makeDirectory, in: calls)
            }
            let key = directory.path(StorageOperation.key.description)
            switch operation {
            case .remove, .take, .prune: expectSync(of: key, behind: .unlink, in: calls)
            case .removeAll:
                #expect(calls.contains { $0.call == .syncDirectory && $0.path == directory.path("to") })
            case .link, .linkFreshCopy, .share, .shareFreshCopy, .putNew: expectSync(of: key, behind: .link, in: calls)
            default: expectSync(of: key, behind: .rename, in: calls)
            }
            if operation.after != nil, !operation.isShare {
                let synced = try #require(calls.firstIndex { $0.call == .syncFile || $0.call == .syncFileSystem })
                let named = try #require(calls.lastIndex { $0.path == key && ($0.call == .rename || $0.call == .link) })
                #expect(synced < named)
            }
            if operation.isMove {
                let gone = try #require(calls.lastIndex { $0.call == .rename && $0.path == key })
                #expect(
                    calls[gone...].contains {
                        $0.call == .syncFileSystem || $0.call == .syncDirectory && $0.path == directory.path("from")
                    }
                )
            }
        }
    }

    @Test("syncs several objects together: all bytes before the first name, all names at the end")
    func together() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path)
            let keys = ["a/b/one", "a/b/two", "a/c/three"].map { ObjectKey.root.appending($0) }
            var batch = WriteBatch()
            for key in keys { batch.put(ByteBuffer(string: "x"), at: key) }
            try await storage.commit(batch)
            let calls = recorder.calls.map(\.call).filter { $0 != .status }
            let names = try #require(calls.firstIndex(of: .rename))..<(try #require(calls.lastIndex(of: .rename)) + 1)
            #expect(calls[names] == [.rename, .rename, .rename])
            if calls.contains(.syncFileSystem) {
                #expect(calls[..<names.lowerBound].filter { $0 != .makeDirectory }.suffix(1) == [.syncFileSystem])
                #expect(calls[names.upperBound...] == [.syncFileSystem])
            } else {
                #expect(calls[..<names.lowerBound].suffix(3) == [.syncFile, .syncFile, .syncFile])
            }
        }
    }

    @Test("syncs nothing for temporary objects, and their directories along with durable ones")
    func unsynced() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
            try await storage.write(ByteBuffer(string: "x"), to: .root.appending("a/one"), as: .cache)
            let syncs: Set<SystemCall> = [.syncFile, .syncDirectory, .syncFileSystem]
            #expect(recorder.calls.allSatisfy { !syncs.contains($0.call) })
            try await storage.write("x", to: "a/two")
            #expect(synced(recorder) == [directory.path("a"), directory.path])
        }
    }

    @Test(
        "makes a cache durable where it stands: its bytes, then its name",
        arguments: [Duration.zero, .seconds(3600)]
    )
    func hardens(slowness: Duration) async throws {
        try await withScratchDirectory { directory in
            let key = ObjectKey.root.appending("a/one")
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: slowness)
            try await storage.write(ByteBuffer(string: "x"), to: key, as: .cache)
            recorder.arm()
            var batch = WriteBatch()
            batch.ensure(ByteBuffer(string: "x"), at: key, wasCache: true)
            try await storage.commit(batch)
            let calls = recorder.calls.map(\.call)
            #expect(!calls.contains(.rename))
            if calls.contains(.syncFileSystem) {
                #expect(calls.filter { $0 == .syncFileSystem }.count == 2)
            } else {
                let bytes = try #require(calls.firstIndex(of: .syncFile))
                let name = try #require(calls.firstIndex(of: .syncDirectory))
                #expect(bytes < name)
                #expect(synced(recorder) == [directory.path("a"), directory.path])
            }
        }
    }

    @Test("syncs the directories of an upload with the first acknowledged object below them")
    func uploads() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
            _ = try await storage.append(to: .root.appending("a/b/upload"), isTemporary: false)
            #expect(synced(recorder).isEmpty)
            try await storage.write("x", to: "a/b/one")
            #expect(synced(recorder) == [directory.path("a/b"), directory.path("a"), directory.path])
            recorder.arm()
            try await storage.write("x", to: "a/b/two")
            #expect(synced(recorder) == [directory.path("a/b")])
        }
    }

    @Test("forgets the directories of an upload once they are removed")
    func removedUploads() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
            try await storage.write("x", to: "a/one")
            _ = try await storage.append(to: .root.appending("a/b/upload"), isTemporary: false)
            try await storage.removeAll(below: .root.appending("a/b"))
            #expect(mkdir(directory.path("a/b"), 0o777) == 0)
            recorder.arm()
            try await storage.write("x", to: "a/b/two")
            #expect(synced(recorder) == [directory.path("a/b")])
        }
    }

    @Test("syncs what another writer is about to make durable, and nothing else")
    func settling() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
            try await storage.write(ByteBuffer(string: "x"), to: .root.appending("a/b/one"), as: .cache)
            try await storage.require("a/b/one")
            #expect(synced(recorder) == [directory.path("a/b"), directory.path("a"), directory.path])
            recorder.arm()
            try await storage.require("a/b/one")
            #expect(synced(recorder).isEmpty)
            let parent = directory.path("a/b")
            try storage.directories.changing([parent]) { () throws(SystemError) in
                try storage.directories.ensureDurable(parent)
            }
            #expect(synced(recorder) == [parent])
            recorder.arm()
            try storage.directories.ensureDurable(parent)
            #expect(recorder.calls.isEmpty)
        }
    }

    @Test("syncs what another writer is about to have removed")
    func removedByAnother() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
            try await storage.write("x", to: "a/one")
            storage.directories.begin([directory.path("a"), directory.path])
            recorder.arm()
            try await storage.remove(.root.appending("a/two"))
            try await storage.removeAll(below: .root.appending("a/three"))
            #expect(synced(recorder) == [directory.path("a"), directory.path("a")])
            try await storage.prune(.root.appending("a"))
            #expect(try await storage.attributes(of: .root.appending("a/one")) != nil)
            #expect(synced(recorder).last == directory.path)
        }
    }

    @Test("takes few calls: six for a write, one for an append")
    func callCounts() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
            recorder.arm()
            try await storage.write("x", to: "one")
            #expect(
                recorder.calls.map(\.call) == [.open, .write, .syncFile, .rename, .open, .syncDirectory]
            )
            let writer = try await storage.append(to: .root.appending("two"), isTemporary: false)
            recorder.arm()
            try await writer.append(ByteBuffer(string: "x"))
            #expect(recorder.calls.map(\.call) == [.write])
        }
    }

    private func synced(_ recorder: CallRecorder) -> [String] {
        recorder.calls.filter { $0.call == .syncDirectory }.compactMap(\.path)
    }

    private func expectSync(of path: String, behind call: SystemCall, in calls: [CallRecorder.Call]) {
        let made = calls.lastIndex { $0.call == call && $0.path == path }
        let synced = calls.lastIndex {
            $0.call == .syncFileSystem || $0.call == .syncDirectory && $0.path == FilePath.parent(of: path)
        }
        guard let made, let synced else {
            Issue.record("\(path) is not made, or its directory is not synced")
            return
        }
        #expect(made < synced)
    }
}
