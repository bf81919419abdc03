import NIOCore
import Synchronization

/// A staged object of a ``MemoryBucket``. Each checkpoint stores all its bytes under its place.
final class BucketStagedObject: StagedObject {
    private struct State {
        var bytes: ByteBuffer
        /// The number of bytes in the bucket; nil before the first checkpoint.
        var storedByteCount: Int64?
        var hasState: Bool
    }

    let savedState: ByteBuffer?
    private let bucket: MemoryBucket
    private let purpose: StagingPurpose
    private let state: Mutex<State>

    /// - Parameter stored: The bytes in the bucket; nil for none.
    init(
        _ purpose: StagingPurpose,
        in bucket: MemoryBucket,
        stored: ByteBuffer? = nil,
        savedState: ByteBuffer? = nil
    ) {
        self.purpose = purpose
        self.bucket = bucket
        self.savedState = savedState
        let byteCount = stored.map { Int64($0.readableBytes) }
        state = Mutex(State(bytes: stored ?? ByteBuffer(), storedByteCount: byteCount, hasState: savedState != nil))
    }

    var place: ObjectKey { purpose.token.data }

    var byteCount: Int64 { state.withLock { Int64($0.bytes.readableBytes) } }

    func append(_ bytes: ByteBuffer) async throws(StorageError) {
        state.withLock { _ = $0.bytes.writeImmutableBuffer(bytes) }
    }

    func checkpoint(_ note: ByteBuffer?) async throws(StorageError) {
        try changing { state, objects throws(StorageError) in
            if state.storedByteCount == nil {
                for (key, note) in purpose.notes { objects.put(note, at: key) }
            }
            try store(&state, in: &objects)
            guard let note, let key = purpose.token.state else { return }
            objects.put(note, at: key)
            state.hasState = true
        }
    }

    func rollBack(to byteCount: Int64) async throws(StorageError) {
        try changing { state, objects throws(StorageError) in
            guard let kept = state.bytes.getSlice(at: 0, length: Int(max(-1, byteCount))) else {
                throw .unwritable(place, reason: "Invalid argument")
            }
            let isStored = state.storedByteCount.map { byteCount < $0 } ?? false
            guard isStored else { return state.bytes = kept }
            if state.hasState, let key = purpose.token.state { _ = objects.remove(key) }
            state.hasState = false
            state.bytes = kept
            objects.put(kept, at: place)
            state.storedByteCount = byteCount
        }
    }

    func reader() async throws(StorageError) -> any ObjectReader {
        try changing { state, objects throws(StorageError) in
            try check(state, in: objects)
            return MemoryReader(MemoryObject(state.bytes))
        }
    }

    func promote(to key: ObjectKey) async throws(StorageError) {
        var batch = WriteBatch()
        batch.promote(self, to: key)
        try await bucket.commit(batch)
    }

    func discard() async throws(StorageError) { try discard(by: nil) }

    /// Removes everything it stored.
    func discard(by deadline: Int64?) throws(StorageError) {
        try changing { state, objects throws(StorageError) in
            try objects.check(deadline, place)
            guard state.storedByteCount != nil else { return }
            for key in objects.keys(of: purpose.token.directory ?? place) { _ = objects.remove(key) }
            if state.hasState, let key = purpose.token.state { _ = objects.remove(key) }
        }
    }

    /// Stores its bytes under a key: the first of the two requests of a promotion.
    func copy(to key: ObjectKey, by deadline: Int64?) throws(StorageError) {
        try changing { state, objects throws(StorageError) in
            try objects.check(deadline, key)
            try check(state, in: objects)
            objects.put(state.bytes, at: key)
        }
    }

    /// Removes the object under its place: the second request.
    func leave() throws(StorageError) {
        try changing { state, objects throws(StorageError) in
            if state.storedByteCount != nil { _ = objects.remove(place) }
        }
    }

    private func store(_ state: inout State, in objects: inout BucketObjects) throws(StorageError) {
        try check(state, in: objects)
        objects.put(state.bytes, at: place)
        state.storedByteCount = Int64(state.bytes.readableBytes)
    }

    /// Fails if another writer removed the bytes in the bucket.
    private func check(_ state: State, in objects: BucketObjects) throws(StorageError) {
        guard let stored = state.storedByteCount else { return }
        guard let object = objects.object(place), object.attributes.byteCount >= stored else { throw .absent(place) }
    }

    private func changing<Value>(
        _ change: (inout State, inout BucketObjects) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        try bucket.request { objects throws(StorageError) in
            try state.withLock { state throws(StorageError) in try change(&state, &objects) }
        }
    }
}
