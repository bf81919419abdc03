import Synchronization

extension MemoryStorage {
    /// Applies all changes of a batch, or none.
    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        try tree.withLock { tree throws(StorageError) in
            for change in batch.changes { try tree.check(change) }
            // A single change is applied or not, so there is nothing to roll back.
            let before = batch.changes.count > 1 ? tree : nil
            do throws(StorageError) {
                for change in batch.changes { try tree.make(change) }
            } catch {
                if let before { tree = before }
                throw error
            }
        }
    }
}

extension MemoryTree {
    /// Fails before anything is changed, as far as that can be determined in advance.
    fileprivate func check(_ change: WriteBatch.Change) throws(StorageError) {
        switch change {
        case .put(_, let key, let condition, _), .remove(let key, let condition): try check(condition, of: key)
        case .require(let key, let byteCount): try require(key, byteCount: byteCount)
        case .ensure, .promote, .share, .prune, .discard, .abandon: break
        }
    }

    fileprivate mutating func make(_ change: WriteBatch.Change) throws(StorageError) {
        switch change {
        case .put(let bytes, let key, let condition, _):
            try check(condition, of: key)
            try put(MemoryObject(bytes), under: key)
        case .ensure(let bytes, let key, _):
            if try object(key)?.bytes != bytes { try put(MemoryObject(bytes), under: key) }
        case .require(let key, let byteCount): try require(key, byteCount: byteCount)
        case .promote(let staged, let destination): try own(staged).promote(to: destination, in: &self)
        case .share(let source, let destination):
            guard let object = try object(source) else { throw .absent(source) }
            try put(object, under: destination)
        case .remove(let key, let condition):
            try check(condition, of: key)
            _ = try remove(key)
        case .prune(let prefix): removeIfEmpty(prefix)
        case .discard(let key): removeAll(below: key)
        case .abandon(let staged): try own(staged).discard(in: &self)
        }
    }

    private func own(_ staged: any StagedObject) throws(StorageError) -> MemoryStagedObject {
        guard let staged = staged as? MemoryStagedObject else {
            throw .unwritable(staged.place, reason: "it is staged in another storage")
        }
        return staged
    }

    private func check(_ condition: WriteBatch.Condition, of key: ObjectKey) throws(StorageError) {
        guard condition.holds(of: attributes(of: key)?.version) else { throw .changed(key) }
    }

    private func require(_ key: ObjectKey, byteCount: Int64?) throws(StorageError) {
        guard let attributes = attributes(of: key), byteCount.map({ $0 == attributes.byteCount }) ?? true else {
            throw .absent(key)
        }
    }
}
