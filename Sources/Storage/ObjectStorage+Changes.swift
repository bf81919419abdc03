package import NIOCore

/// Single-change batches.
extension ObjectStorage {
    /// Writes a small object, replacing any existing one.
    package func write(
        _ bytes: ByteBuffer,
        to key: ObjectKey,
        as purpose: WriteBatch.Purpose = .durable
    ) async throws(StorageError) {
        var batch = WriteBatch()
        batch.put(bytes, at: key, as: purpose)
        try await commit(batch)
    }

    /// Removes an object if it exists.
    package func remove(_ key: ObjectKey) async throws(StorageError) {
        var batch = WriteBatch()
        batch.remove(key)
        try await commit(batch)
    }

    /// Removes `prefix` and everything below it, in any order.
    package func removeAll(below prefix: ObjectKey) async throws(StorageError) {
        try await removeAll(below: prefix, first: [])
    }
}

extension ObjectStorage {
    /// Whether something exists under each key, in order.
    ///
    /// An object that exists but cannot be inspected counts as existing.
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
