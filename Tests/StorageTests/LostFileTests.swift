import Glibc
import NIOCore
import Synchronization
import Testing

@testable import Storage

@Suite("What could not be made durable") struct LostFileTests {
    /// Lets the first call of a kind fail, and no other: as Linux reports a write that failed, once.
    private func failingOnce(_ failing: SystemCall) -> CallRecorder {
        let hasFailed = Atomic(false)
        return CallRecorder { _, call, _ in
            guard call == failing, !hasFailed.exchange(true, ordering: .relaxed) else { return nil }
            return EIO
        }
    }

    @Test("is removed when it was to be moved, so that its bytes are sent again")
    func moved() async throws {
        try await withScratchDirectory { directory in
            let storage = try await failingOnce(.syncFile).open(directory.path)
            let (upload, blob) = (ObjectKey.root.appending("upload"), ObjectKey.root.appending("blob"))
            let writer = try await storage.append(to: upload)
            try await writer.append(ByteBuffer(string: "bytes"))
            try await writer.close()
            await #expect(throws: StorageError.self) { try await storage.move(upload, to: blob) }
            await #expect(throws: StorageError.absent(upload)) { try await storage.move(upload, to: blob) }
            #expect(try await storage.names() == [])
            let again = try await storage.append(to: upload)
            try await again.append(ByteBuffer(string: "bytes"))
            try await again.close()
            try await storage.move(upload, to: blob)
            #expect(try await storage.text("blob") == "bytes")
        }
    }

    @Test(
        "is never linked, and stays where it is, when it is not ours to remove",
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

    @Test("a name in a directory that could not be synced is taken back, or never again held for durable")
    func directories() async throws {
        try await withScratchDirectory { directory in
            try directory.makeFile("layer")
            let storage = try await failingOnce(.syncDirectory).open(directory.path)
            await #expect(throws: StorageError.self) { _ = try await storage.link("layer", to: "blob") }
            #expect(try await storage.names() == ["layer"])
            for _ in 0..<2 {
                await #expect(throws: StorageError.self) { try await storage.settle([.root.appending("layer")]) }
            }
        }
    }

    @Test("a move into a directory that could not be synced is undone, and can be tried again")
    func undone() async throws {
        try await withScratchDirectory { directory in
            try directory.makeFile("upload")
            let storage = try await failingOnce(.syncDirectory).open(directory.path)
            let (upload, blob) = (ObjectKey.root.appending("upload"), ObjectKey.root.appending("a/b/blob"))
            await #expect(throws: StorageError.self) { try await storage.move(upload, to: blob) }
            #expect(try directory.names() == ["upload"])
            try await storage.move(upload, to: blob)
            #expect(try directory.names() == ["a/", "a/b/", "a/b/blob"])
        }
    }

    @Test("a file that grows is not synced again")
    func appended() async throws {
        try await withScratchDirectory { directory in
            let storage = try await failingOnce(.syncFile).open(directory.path)
            let writer = try await storage.append(to: .root.appending("journal"))
            for _ in 0..<2 { await #expect(throws: StorageError.self) { try await writer.sync() } }
            try await writer.close()
        }
    }
}
