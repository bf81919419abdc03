import NIOCore
package import Storage

extension ForwardingStorage {
    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        try await base.commit(batch.unwrapped)
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
                try await change(single.key, WriteBatch([single], deadline: batch.deadline))
            } else {
                try await base.commit(WriteBatch([single], deadline: batch.deadline))
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
