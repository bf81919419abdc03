import NIOCore

/// An object that is staged in a storage that knows what is changed through it.
struct TrackedStagedObject: StagedObject {
    /// The object in the storage below.
    let base: any StagedObject
    private let storage: TrackedStorage

    init(_ base: any StagedObject, in storage: TrackedStorage) {
        self.base = base
        self.storage = storage
    }

    var place: ObjectKey { base.place }

    var byteCount: Int64 { base.byteCount }

    var savedState: ByteBuffer? { base.savedState }

    func append(_ bytes: ByteBuffer) async throws(StorageError) { try await base.append(bytes) }

    /// The object may stand under its place from now on.
    func checkpoint(_ state: ByteBuffer?) async throws(StorageError) {
        defer { storage.marks.note([place]) }
        try await base.checkpoint(state)
    }

    func rollBack(to byteCount: Int64) async throws(StorageError) {
        defer { storage.marks.note([place]) }
        try await base.rollBack(to: byteCount)
    }

    func reader() async throws(StorageError) -> any ObjectReader { try await base.reader() }

    func promote(to key: ObjectKey) async throws(StorageError) {
        var batch = WriteBatch()
        batch.promote(self, to: key)
        try await storage.commit(batch)
    }

    func discard() async throws(StorageError) {
        defer { storage.marks.note([place]) }
        try await base.discard()
    }
}
