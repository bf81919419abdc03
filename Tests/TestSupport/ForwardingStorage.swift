package import NIOCore
package import Storage

/// A storage that forwards every call to another; conforming types implement only the calls they change.
package protocol ForwardingStorage: ObjectStorage {
    /// The underlying storage.
    var base: any ObjectStorage { get }
}

extension ForwardingStorage {
    package var traits: StorageTraits { base.traits }
    package var executor: (any TaskExecutor)? { base.executor }

    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await base.attributes(of: key)
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await base.read(key, limit: limit)
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? { try await base.open(key) }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        try await base.list(prefix, after: name, limit: limit)
    }

    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        try await base.commit(batch.unwrapped)
    }

    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        try await base.stage(purpose)
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? {
        try await base.resume(token)
    }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        try await base.removeAll(below: prefix, first: keys)
    }

    package func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        try await base.lease(key, for: holder)
    }
}

extension ForwardingStorage {
    /// Commits a batch one change after the other, once its requirements are satisfied.
    ///
    /// - Parameter change: Makes one effective change, or refuses to.
    package func commit(
        _ batch: WriteBatch,
        by change: (ObjectKey, WriteBatch) async throws(StorageError) -> Void
    ) async throws(StorageError) {
        try await base.commit(WriteBatch(batch.changes.filter { !$0.isWrite }))
        for single in batch.unwrapped.changes {
            if try await isEffective(single) {
                try await change(single.key, WriteBatch([single]))
            } else {
                try await base.commit(WriteBatch([single]))
            }
        }
    }

    private func isEffective(_ change: WriteBatch.Change) async throws(StorageError) -> Bool {
        switch change {
        case .put, .promote, .share: return true
        case .require: return false
        case .abandon(let staged): return try await base.attributes(of: staged.place) != nil
        case .remove(let key, _), .prune(let key), .discard(let key): return try await base.attributes(of: key) != nil
        case .ensure(let bytes, let key, _):
            // Damaged objects are replaced.
            do { return try await base.read(key, limit: bytes.readableBytes) != bytes } catch  where error.isOfOneObject
            {
                return true
            }
        }
    }
}
