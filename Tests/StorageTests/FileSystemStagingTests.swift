import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Storage

@Suite("Staged objects in a file system")
struct FileSystemStagingTests {
    private let data = ObjectKey.root.appending("uploads/1/data")
    private let blob = ObjectKey.root.appending("blobs/data")

    private var token: StagingToken {
        StagingToken(data: data, state: .root.appending("states/1"), directory: .root.appending("uploads/1"))
    }

    private var purpose: StagingPurpose {
        .resumable(token, notes: [.root.appending("uploads/1/started"): ByteBuffer(string: "now")])
    }

    private func open(_ directory: ScratchDirectory) async throws -> FileSystemStorage {
        try await FileSystemStorage.open(root: directory.path, access: .readWrite, threadPool: .singleton)
    }

    @Test("makes no call for few bytes, and one object of them when they are promoted")
    func small() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path)
            let staged = try await storage.stage(purpose)
            for _ in 0..<4 {
                try await staged.append(ByteBuffer(repeating: 1, count: StagingMemory.objectByteCount / 4))
            }
            #expect(recorder.calls.isEmpty)
            try await staged.append(ByteBuffer(repeating: 1, count: 1))
            #expect(try directory.names() == ["uploads/", "uploads/1/", "uploads/1/data", "uploads/1/started"])
            try await staged.discard()
            #expect(try directory.names() == ["uploads/"])
            let other = try await storage.stage(purpose)
            try await other.append(ByteBuffer(string: "few"))
            recorder.arm()
            try await other.promote(to: .root.appending("blob"))
            #expect(recorder.calls.count { $0.call == .makeDirectory } == 0)
            #expect(try directory.names() == ["blob", "uploads/"])
        }
    }

    @Test("keeps no more in memory than the limit for all staged objects together")
    func memory() async throws {
        let memory = StagingMemory(byteCount: 10)
        #expect(memory.take(6) && !memory.take(5) && memory.take(4))
        memory.giveBack(6)
        #expect(memory.take(6) && !memory.take(1))
        try await withScratchDirectory { directory in
            let storage = try await open(directory)
            #expect(storage.stagingMemory.take(32 << 20))
            let staged = try await storage.stage(purpose)
            try await staged.append(ByteBuffer(string: "a"))
            #expect(try await storage.text(data.description) == "a")
            storage.stagingMemory.giveBack(32 << 20)
            try await staged.checkpoint(nil)
            for _ in 0..<1000 {
                let staged = try #require(try await storage.resume(token))
                try await staged.append(ByteBuffer(repeating: 1, count: 200 << 10))
            }
            #expect(storage.stagingMemory.take(32 << 20))
        }
    }

    @Test("continues with the bytes that a process wrote without recording them, more or fewer than it knew")
    func uncounted() async throws {
        try await withScratchDirectory { directory in
            let staged = try await open(directory).stage(purpose)
            try await staged.append(ByteBuffer(string: "abc"))
            try await staged.checkpoint(nil)
            let file = try await open(directory).append(to: data, isTemporary: false)
            try await file.append(ByteBuffer(string: "def"))
            #expect(try await open(directory).resume(token)?.byteCount == 6)
            // The process that knows of three continues after them.
            try await staged.append(ByteBuffer(string: "X"))
            try await staged.checkpoint(nil)
            #expect(try await open(directory).text(data.description) == "abcX")
        }
    }

    @Test("writes all bytes when the system accepts few at once, and interrupts every call")
    func shortWrites() async throws {
        try await withScratchDirectory { directory in
            let calls = SystemCalls(fault: { _, _ in EINTR }, transferLimit: 1000)
            let storage = try await FileSystemStorage.open(
                root: directory.path,
                access: .readWrite,
                threadPool: .singleton,
                calls: calls
            )
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
            let staged = try await storage.stage(purpose)
            try await staged.append(ByteBuffer(bytes: bytes))
            try await staged.append(ByteBuffer(bytes: bytes.prefix(3000)))
            try await staged.checkpoint(ByteBuffer(bytes: bytes.prefix(2000)))
            #expect(try await open(directory).resume(token)?.savedState == ByteBuffer(bytes: bytes.prefix(2000)))
            try await staged.promote(to: blob)
            let stored = try await open(directory).read(blob, limit: 1 << 20)
            #expect(stored == ByteBuffer(bytes: bytes + bytes.prefix(3000)))
        }
    }

    @Test("is removed with three calls when its neighbours are known")
    func removal() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder()
            let storage = try await recorder.open(directory.path)
            let staged = try await storage.stage(purpose)
            try await staged.checkpoint(nil)
            let made: [SystemCall] = [.open, .makeDirectory, .makeDirectory, .makeDirectory, .open, .write, .open]
            #expect(recorder.calls.map(\.call) == made)
            var batch = WriteBatch()
            batch.promote(staged, to: .root.appending("blob"))
            batch.discard(staged)
            recorder.arm()
            try await storage.commit(batch)
            let removal = recorder.calls.map(\.call).filter { [.unlink, .removeDirectory].contains($0) }
            #expect(removal == [.unlink, .unlink, .removeDirectory])
            #expect(try directory.names() == ["blob", "uploads/"])
        }
    }

    /// A step with one object, call by call.
    private enum Step: CaseIterable {
        case append, appendMuch, checkpoint, rollBack, promote

        func run(_ staged: any StagedObject, _ blob: ObjectKey) async throws {
            switch self {
            case .append: try await staged.append(ByteBuffer(string: "abc"))
            case .appendMuch: try await staged.append(ByteBuffer(repeating: UInt8(ascii: "x"), count: 300_000))
            case .checkpoint: try await staged.checkpoint(ByteBuffer(string: "\(staged.byteCount)"))
            case .rollBack: try await staged.rollBack(to: 2)
            case .promote: try await staged.promote(to: blob)
            }
        }
    }

    /// A kill between any two calls: all later calls fail, and another process opens what is left.
    @Test("has the state of the last checkpoint, wherever the process is killed")
    func killed() async throws {
        let steps: [Step] = [.append, .checkpoint, .appendMuch, .checkpoint, .append, .checkpoint, .promote]
        for last in 0... {
            let recorder = CallRecorder { index, _, _ in index >= last ? EIO : nil }
            let isComplete = try await withScratchDirectory { directory in
                let storage = try await recorder.open(directory.path)
                let staged = try await storage.stage(purpose)
                var acknowledged: Int64 = 0
                var done = 0
                for step in steps {
                    do { try await step.run(staged, blob) } catch { break }
                    done += 1
                    if step == .checkpoint { acknowledged = staged.byteCount }
                }
                let next = try await open(directory)
                let found = try await next.resume(token)
                if let blob = try await next.attributes(of: blob) {
                    #expect(blob.byteCount == 300_006 && found == nil)
                } else {
                    let byteCount = found?.byteCount ?? 0
                    #expect(byteCount >= acknowledged, "\(last)")
                    #expect(byteCount <= 300_006)
                    let saved = found?.savedState.flatMap { Int64(String(buffer: $0)) } ?? 0
                    #expect(saved <= byteCount)
                }
                return done == steps.count
            }
            if isComplete {
                #expect(last > 10)
                return
            }
            try #require(last < 100)
        }
    }

    @Test("keeps its end when a call fails, and continues when possible", arguments: [EIO, ENOSPC, EACCES])
    func failure(code: Int32) async throws {
        let steps: [Step] = [.append, .appendMuch, .checkpoint, .append, .rollBack, .append, .checkpoint, .promote]
        for failing in 0... {
            let recorder = CallRecorder { index, _, _ in index == failing ? code : nil }
            let isBeyond = try await withScratchDirectory { directory in
                let storage = try await recorder.open(directory.path)
                let staged = try await storage.stage(purpose)
                var failureCount = 0
                for step in steps {
                    let before = staged.byteCount
                    do { try await step.run(staged, blob) } catch {
                        failureCount += 1
                        #expect(staged.byteCount == before)
                        if step == .promote, try await storage.resume(token) == nil {
                            // Its bytes could not be synced: they are sent again.
                            return false
                        }
                        try await step.run(staged, blob)
                    }
                }
                #expect(try await open(directory).text(blob.description) == "ababc")
                return failureCount == 0 && recorder.calls.count <= failing
            }
            if isBeyond {
                #expect(failing > 10)
                return
            }
            try #require(failing < 100)
        }
    }
}
