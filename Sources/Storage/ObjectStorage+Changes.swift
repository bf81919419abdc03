package import NIOCore

/// Batches of one change.
extension ObjectStorage {
    /// Writes a small object whole, replacing what was there.
    package func write(
        _ bytes: ByteBuffer,
        to key: ObjectKey,
        as purpose: WriteBatch.Purpose = .durable
    ) async throws(StorageError) {
        var batch = WriteBatch()
        batch.put(bytes, at: key, as: purpose)
        try await commit(batch)
    }

    /// Removes an object, if it is there.
    package func remove(_ key: ObjectKey) async throws(StorageError) {
        var batch = WriteBatch()
        batch.remove(key)
        try await commit(batch)
    }

    /// Removes everything below `prefix`, and `prefix` itself, in no order.
    package func removeAll(below prefix: ObjectKey) async throws(StorageError) {
        try await removeAll(below: prefix, first: [])
    }
}

extension ObjectStorage {
    /// Whether there is something under each key, in their order.
    ///
    /// What is there and cannot be looked at is not absent.
    package func exist(_ keys: [ObjectKey]) async throws(StorageError) -> [Bool] {
        do throws(StorageError) {
            return try await attributes(of: keys).map { $0 != nil }
        } catch let error where error.isOfOneObject && keys.count > 1 {
            var all: [Bool] = []
            for key in keys { all += try await exist([key]) }
            return all
        } catch let error where error.isOfOneObject && keys.count == 1 {
            return [true]
        }
    }
}
