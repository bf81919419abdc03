import NIOCore
import Storage
import Testing

@Suite("The storage contract: staged objects")
struct StorageContractStagingTests {
    private let data = ObjectKey.root.appending("uploads/1/data")
    private let note = ObjectKey.root.appending("uploads/1/started")
    private let state = ObjectKey.root.appending("states/1")
    private let blob = ObjectKey.root.appending("blobs/ab/data")

    private var token: StagingToken {
        StagingToken(data: data, state: state, directory: .root.appending("uploads/1"))
    }

    private var purpose: StagingPurpose { .resumable(token, notes: [note: ByteBuffer(string: "now")]) }

    private func text(_ staged: any StagedObject) async throws -> String {
        String(buffer: try await staged.reader().read(at: 0, byteCount: 1 << 20))
    }

    @Test(
        "has no key before a checkpoint, and becomes the object that a batch promotes it to",
        arguments: StorageDriver.allCases
    )
    func promotes(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            let staged = try await storage.stage(purpose)
            #expect(staged.byteCount == 0 && staged.savedState == nil)
            for piece in ["abc", "", "def"] { try await staged.append(ByteBuffer(string: piece)) }
            #expect(staged.byteCount == 6)
            #expect(try await text(staged) == "abcdef")
            #expect(try await storage.names() == [])
            var batch = WriteBatch()
            batch.promote(staged, to: blob)
            batch.share(blob, as: .root.appending("layer"))
            batch.discard(staged)
            try await storage.commit(batch)
            #expect(try await storage.text("blobs/ab/data") == "abcdef")
            #expect(try await storage.text("layer") == "abcdef")
            #expect(try await storage.names() == ["blobs/", "layer"])
        }
    }

    @Test("is resumed at its last checkpoint, with its state", arguments: StorageDriver.allCases, [10, 400_000])
    func resumes(driver: StorageDriver, byteCount: Int) async throws {
        try await driver.withStorage { storage in
            let text = String(repeating: "x", count: byteCount)
            #expect(try await storage.resume(token) == nil)
            let staged = try await storage.stage(purpose)
            try await staged.append(ByteBuffer(string: text))
            try await staged.checkpoint(ByteBuffer(string: "the first state"))
            let again = try #require(try await storage.resume(token))
            #expect(again.byteCount == byteCount)
            #expect(again.savedState == ByteBuffer(string: "the first state"))
            try await again.append(ByteBuffer(string: "y"))
            try await again.checkpoint(nil)
            try await again.append(ByteBuffer(string: "z"))
            try await again.checkpoint(ByteBuffer(string: "second"))
            let last = try #require(try await storage.resume(token))
            #expect(last.savedState == ByteBuffer(string: "second"))
            #expect(try await self.text(last) == text + "yz")
            #expect(try await storage.text(note.description) == "now")
            var batch = WriteBatch()
            batch.promote(last, to: blob)
            batch.discard(last)
            try await storage.commit(batch)
            #expect(try await storage.text("blobs/ab/data") == text + "yz")
            #expect(try await storage.resume(token) == nil)
            for prefix in ["uploads", "states"] { #expect(try await storage.names(prefix) == []) }
        }
    }

    @Test("is truncated, and continues there", arguments: StorageDriver.allCases, [0, 1, 3])
    func rollsBack(driver: StorageDriver, end: Int64) async throws {
        try await driver.withStorage { storage in
            for isStored in [false, true] {
                let staged = try await storage.stage(purpose)
                try await staged.append(ByteBuffer(string: "ab"))
                if isStored { try await staged.checkpoint(ByteBuffer(string: "of two")) }
                try await staged.append(ByteBuffer(string: "cd"))
                for wrong in [Int64(-1), 5, .max] {
                    await #expect(throws: StorageError.unwritable(data, reason: "Invalid argument")) {
                        try await staged.rollBack(to: wrong)
                    }
                }
                try await staged.rollBack(to: end)
                #expect(staged.byteCount == end)
                try await staged.append(ByteBuffer(string: "X"))
                let kept = String("abcd".prefix(Int(end)))
                #expect(try await text(staged) == kept + "X")
                try await staged.checkpoint(nil)
                // The state of removed bytes must not be taken for that of their replacements.
                let saved = try #require(try await storage.resume(token)).savedState
                #expect(saved == (isStored && end >= 2 ? ByteBuffer(string: "of two") : nil))
                try await staged.discard()
                for prefix in ["uploads", "states"] { #expect(try await storage.names(prefix) == []) }
            }
        }
    }

    @Test("leaves a reader the bytes that it opened, promoted or discarded", arguments: StorageDriver.allCases)
    func reads(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            for (isStored, isPromoted) in [(false, false), (false, true), (true, false), (true, true)] {
                let staged = try await storage.stage(purpose)
                try await staged.append(ByteBuffer(string: "abc"))
                if isStored { try await staged.checkpoint(nil) }
                let reader = try await staged.reader()
                #expect(reader.attributes.byteCount == 3)
                if isPromoted { try await staged.promote(to: blob) }
                try await staged.discard()
                #expect(String(buffer: try await reader.read(at: 1, byteCount: 10)) == "bc")
            }
        }
    }

    @Test(
        "is invalid when another program removed or truncated its bytes",
        arguments: StorageDriver.allCases
    )
    func lost(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            for rest in [nil, "ab"] {
                let staged = try await storage.stage(purpose)
                try await staged.append(ByteBuffer(string: "abc"))
                try await staged.checkpoint(nil)
                try await storage.remove(data)
                if let rest { try await storage.write(rest, to: data.description) }
                await #expect(throws: StorageError.absent(data)) { try await staged.promote(to: blob) }
                await #expect(throws: StorageError.absent(data)) { _ = try await staged.reader() }
                try await staged.append(ByteBuffer(string: "d"))
                await #expect(throws: StorageError.absent(data)) { try await staged.checkpoint(nil) }
                try await staged.discard()
                #expect(try await storage.names() == (driver == .bucket ? [] : ["uploads/"]))
            }
        }
    }

    @Test("is refused by a batch of another storage", arguments: StorageDriver.allCases, StorageDriver.allCases)
    func foreign(driver: StorageDriver, other: StorageDriver) async throws {
        guard driver != other || driver == .fileSystem else { return }
        try await driver.withStorage { storage in
            try await other.withStorage { origin in
                let staged = try await origin.stage(purpose)
                var batch = WriteBatch()
                batch.promote(staged, to: blob)
                let commit = batch
                await #expect(throws: StorageError.unwritable(data, reason: "it is staged in another storage")) {
                    try await storage.commit(commit)
                }
                #expect(try await storage.names() == [])
            }
        }
    }

    @Test("is refused on a read-only storage, and can be read there")
    func overlay() async throws {
        let base = MemoryStorage()
        let staged = try await base.stage(purpose)
        try await staged.append(ByteBuffer(string: "abc"))
        try await staged.checkpoint(nil)
        let overlay = OverlayStorage(over: base)
        await #expect(throws: StorageError.readOnly(data)) { _ = try await overlay.stage(purpose) }
        #expect(try await overlay.resume(token)?.byteCount == 3)
    }
}
