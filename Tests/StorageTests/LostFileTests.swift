import Glibc
import NIOCore
import Synchronization
import Testing

@testable import Storage

@Suite("Content that could not be made durable") struct LostFileTests {
    /// Makes the first call of a kind fail, and no other: Linux reports a failed write once.
    private func failingOnce(_ failing: SystemCall) -> CallRecorder {
        let hasFailed = Atomic(false)
        return CallRecorder { _, call, _ in
            guard call == failing, !hasFailed.exchange(true, ordering: .relaxed) else { return nil }
            return EIO
        }
    }

    @Test("is removed when it was to be moved, so its bytes are sent again")
    func moved() async throws {
        try await withScratchDirectory { directory in
            let storage = try await failingOnce(.syncFile).open(directory.path, sharingSyncsUnder: .zero)
            let (upload, blob) = (ObjectKey.root.appending("upload"), ObjectKey.root.appending("blob"))
            let writer = try await storage.append(to: upload, isTemporary: false)
            try await writer.append(ByteBuffer(string: "bytes"))
            try await writer.close()
            await #expect(throws: StorageError.self) { try await storage.move(upload, to: blob) }
            await #expect(throws: StorageError.absent(upload)) { try await storage.move(upload, to: blob) }
            #expect(try await storage.names() == [])
            let again = try await storage.append(to: upload, isTemporary: false)
            try await again.append(ByteBuffer(string: "bytes"))
            try await again.close()
            try await storage.move(upload, to: blob)
            #expect(try await storage.text("blob") == "bytes")
        }
    }

    @Test(
        "is never linked, and stays in place, when it is not ours to remove",
        arguments: [LinkPolicy.hardLink, .copy]
    )
    func linked(policy: LinkPolicy) async throws {
        try await withScratchDirectory { directory in
            try directory.makeFile("layer")
            let storage = try await failingOnce(.syncFile).open(directory.path)
            for _ in 0..<2 {
                await #expect(throws: StorageError.self) {
                    _ = try await storage.link("layer", to: "blob", allowing: policy)
                }
            }
            #expect(try await storage.names() == ["layer"])
        }
    }

    @Test("a name in a directory that could not be synced is removed, or never again considered durable")
    func directories() async throws {
        try await withScratchDirectory { directory in
            try directory.makeFile("layer")
            let storage = try await failingOnce(.syncDirectory).open(directory.path)
            await #expect(throws: StorageError.self) { _ = try await storage.link("layer", to: "blob") }
            #expect(try await storage.names() == ["layer"])
            for _ in 0..<2 {
                await #expect(throws: StorageError.self) { try await storage.require("layer") }
            }
        }
    }

    @Test("a move into a directory that could not be synced is undone, and can be retried")
    func undone() async throws {
        try await withScratchDirectory { directory in
            try directory.makeFile("upload")
            let storage = try await failingOnce(.syncDirectory).open(directory.path, sharingSyncsUnder: .zero)
            let (upload, blob) = (ObjectKey.root.appending("upload"), ObjectKey.root.appending("a/b/blob"))
            await #expect(throws: StorageError.self) { try await storage.move(upload, to: blob) }
            #expect(try directory.names() == ["upload"])
            try await storage.move(upload, to: blob)
            #expect(try directory.names() == ["a/", "a/b/", "a/b/blob"])
        }
    }

    /// An upload whose bytes are all in `storage`.
    private func upload(_ key: ObjectKey, to storage: FileSystemStorage) async throws {
        let writer = try await storage.append(to: key, isTemporary: false)
        try await writer.append(ByteBuffer(string: "bytes"))
        try await writer.close()
    }

    @Test("is removed when a batch was to promote it, and later commits use no shared sync")
    func promoted() async throws {
        try await withScratchDirectory { directory in
            let recorder = failingOnce(.syncFileSystem)
            let storage = try await recorder.open(directory.path)
            // Without shared syncs, the other tests cover it.
            guard storage.groupSync != nil else { return }
            let (source, blob) = (ObjectKey.root.appending("upload"), ObjectKey.root.appending("a/blob"))
            try await upload(source, to: storage)
            var batch = WriteBatch()
            batch.promote(try await storage.staged(source), to: blob)
            batch.put(ByteBuffer(string: "blob"), at: .root.appending("b/link"))
            let commit = batch
            await #expect(throws: StorageError.self) { try await storage.commit(commit) }
            await #expect(throws: StorageError.absent(source)) { try await storage.commit(commit) }
            #expect(try directory.names().filter { !$0.hasSuffix("/") } == [])
            try await upload(source, to: storage)
            recorder.arm()
            try await storage.commit(commit)
            #expect(recorder.calls.contains { $0.call == .syncFile })
            #expect(try await storage.text("a/blob") == "bytes")
        }
    }

    @Test("names created by a batch that are not durable are removed, and can be created again")
    func takenBack() async throws {
        try await withScratchDirectory { directory in
            let count = Atomic(0)
            let recorder = CallRecorder { _, call, _ in
                // Two syncs of the file system are for the layer; the batch's second one is for the names.
                call == .syncFileSystem && count.add(1, ordering: .relaxed).newValue == 4 ? EIO : nil
            }
            let storage = try await recorder.open(directory.path)
            guard storage.groupSync != nil else { return }
            let source = ObjectKey.root.appending("upload")
            try await upload(source, to: storage)
            try await storage.write("layer", to: "l/layer")
            var batch = WriteBatch()
            batch.promote(try await storage.staged(source), to: .root.appending("a/b/blob"))
            batch.share(.root.appending("l/layer"), as: .root.appending("c/blob"))
            let commit = batch
            await #expect(throws: StorageError.self) { try await storage.commit(commit) }
            #expect(try directory.names() == ["l/", "l/layer", "upload"])
            try await storage.commit(commit)
            #expect(try await storage.text("a/b/blob") == "bytes")
        }
    }

    @Test("a file that grows is not synced again")
    func appended() async throws {
        try await withScratchDirectory { directory in
            let storage = try await failingOnce(.syncFile).open(directory.path)
            let writer = try await storage.append(to: .root.appending("journal"), isTemporary: false)
            for _ in 0..<2 { await #expect(throws: StorageError.self) { try await writer.sync() } }
            try await writer.close()
        }
    }
}
