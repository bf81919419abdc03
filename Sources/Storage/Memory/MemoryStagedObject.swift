import NIOCore
import Synchronization

/// A staged object in memory. From its first checkpoint on it exists in the tree, as it would on a file system.
final class MemoryStagedObject: StagedObject {
    private struct State {
        /// Appended bytes that are not in the tree yet.
        var pending = ByteBuffer()
        /// The number of bytes in the tree; nil before the first checkpoint.
        var storedByteCount: Int64?
        var hasState = false

        var byteCount: Int64 { (storedByteCount ?? 0) + Int64(pending.readableBytes) }
    }

    let savedState: ByteBuffer?
    private let storage: MemoryStorage
    private let purpose: StagingPurpose
    private let state: Mutex<State>

    init(
        _ purpose: StagingPurpose,
        in storage: MemoryStorage,
        storedByteCount: Int64? = nil,
        savedState: ByteBuffer? = nil
    ) {
        self.purpose = purpose
        self.storage = storage
        self.savedState = savedState
        self.state = Mutex(State(storedByteCount: storedByteCount, hasState: savedState != nil))
    }

    var place: ObjectKey { purpose.token.data }

    var byteCount: Int64 { state.withLock { $0.byteCount } }

    func append(_ bytes: ByteBuffer) async throws(StorageError) {
        state.withLock { _ = $0.pending.writeImmutableBuffer(bytes) }
    }

    func checkpoint(_ note: ByteBuffer?) async throws(StorageError) {
        try storage.tree.withLock { tree throws(StorageError) in
            try state.withLock { state throws(StorageError) in
                try store(&state, in: &tree)
                guard let note, let key = purpose.token.state else { return }
                try tree.put(MemoryObject(note), under: key)
                state.hasState = true
            }
        }
    }

    func rollBack(to byteCount: Int64) async throws(StorageError) {
        try storage.tree.withLock { tree throws(StorageError) in
            try state.withLock { state throws(StorageError) in
                guard byteCount >= 0, byteCount <= state.byteCount else {
                    throw .unwritable(place, reason: "Invalid argument")
                }
                let stored = state.storedByteCount ?? 0
                state.pending = state.pending.getSlice(at: 0, length: Int(max(0, byteCount - stored))) ?? ByteBuffer()
                guard byteCount < stored else { return }
                if state.hasState, let key = purpose.token.state { _ = try tree.remove(key) }
                state.hasState = false
                _ = try storedObject(state, in: tree)?.truncate(to: byteCount)
                state.storedByteCount = byteCount
            }
        }
    }

    func reader() async throws(StorageError) -> any ObjectReader {
        try storage.tree.withLock { tree throws(StorageError) in
            try state.withLock { state throws(StorageError) in
                guard state.storedByteCount != nil else { return MemoryReader(MemoryObject(state.pending)) }
                try store(&state, in: &tree)
                guard let object = try tree.object(place), object.attributes.byteCount == state.byteCount else {
                    throw .absent(place)
                }
                return MemoryReader(object)
            }
        }
    }

    func promote(to key: ObjectKey) async throws(StorageError) {
        var batch = WriteBatch()
        batch.promote(self, to: key)
        try await storage.commit(batch)
    }

    func discard() async throws(StorageError) {
        try storage.tree.withLock { tree throws(StorageError) in try discard(in: &tree) }
    }

    /// Promotes it to an object of the tree.
    func promote(to key: ObjectKey, in tree: inout MemoryTree) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            guard state.storedByteCount != nil else { return try tree.put(MemoryObject(state.pending), under: key) }
            try store(&state, in: &tree)
            guard let object = try tree.object(place), object.attributes.byteCount == state.byteCount else {
                throw .absent(place)
            }
            try tree.put(object, under: key)
            if key != place { _ = try tree.remove(place) }
        }
    }

    /// Removes it from the tree.
    func discard(in tree: inout MemoryTree) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            guard state.storedByteCount != nil else { return }
            tree.removeAll(below: purpose.token.directory ?? place)
            if state.hasState, let key = purpose.token.state { _ = try tree.remove(key) }
        }
    }

    private func store(_ state: inout State, in tree: inout MemoryTree) throws(StorageError) {
        if let object = try storedObject(state, in: tree) {
            object.append(state.pending)
        } else {
            for (key, note) in purpose.notes { try tree.put(MemoryObject(note), under: key) }
            try tree.put(MemoryObject(state.pending), under: place)
        }
        state.storedByteCount = state.byteCount
        state.pending = ByteBuffer()
    }

    /// The object in the tree, truncated to the bytes of the last checkpoint; nil before the first one.
    private func storedObject(_ state: State, in tree: MemoryTree) throws(StorageError) -> MemoryObject? {
        guard let stored = state.storedByteCount else { return nil }
        guard let object = try tree.object(place), object.attributes.byteCount >= stored else { throw .absent(place) }
        _ = object.truncate(to: stored)
        return object
    }
}
