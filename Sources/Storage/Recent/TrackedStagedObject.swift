import NIOCore

/// An object staged in a ``TrackedStorage``.
struct TrackedStagedObject: StagedObject {
    /// The object staged in the underlying storage.
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

    /// From now on the object may be visible under its place.
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
