import NIOCore
import Synchronization

extension OverlayStorage {
    /// Applies the changes of a batch one by one, after checking all its conditions.
    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        for change in batch.changes { try await check(change) }
        for change in batch.changes { try await make(change) }
    }

    private func check(_ change: WriteBatch.Change) async throws(StorageError) {
        switch change {
        case .put(_, let key, let condition, _), .remove(let key, let condition):
            guard condition != .any else { return }
            let present = try await attributes(of: key)?.version
            guard condition.holds(of: present) else { throw .changed(key) }
        case .require(let key, let byteCount): try await require(key, byteCount: byteCount)
        case .ensure, .promote, .share, .prune, .discard, .abandon: break
        }
    }

    private func make(_ change: WriteBatch.Change) async throws(StorageError) {
        switch change {
        case .put(let bytes, let key, let condition, let purpose):
            try await put(bytes, at: key, if: condition, as: purpose)
        case .ensure(let bytes, let key, _):
            if try await !holds(bytes, key) { try await put(bytes, at: key, if: .any, as: .durable) }
        case .require(let key, let byteCount): try await require(key, byteCount: byteCount)
        case .promote(let staged, let destination): try await promote(staged, to: destination)
        case .share(let source, let destination): try await share(source, as: destination)
        case .remove(let key, let condition): try await remove(key, if: condition)
        case .prune: try await memory.commit(WriteBatch([change]))
        case .discard(let key): try await removeAll(below: key)
        case .abandon(let staged): try await staged.discard()
        }
    }

    private func require(_ key: ObjectKey, byteCount: Int64?) async throws(StorageError) {
        let attributes = try await attributes(of: key)
        guard let attributes, byteCount.map({ $0 == attributes.byteCount }) ?? true else { throw .absent(key) }
    }

    private func put(
        _ bytes: ByteBuffer,
        at key: ObjectKey,
        if condition: WriteBatch.Condition,
        as purpose: WriteBatch.Purpose
    ) async throws(StorageError) {
        let (discarded, hasRoom) = written.withLock { $0.add(key, byteCount: bytes.readableBytes) }
        for old in discarded { try await memory.remove(old) }
        guard hasRoom else {
            throw .full(key, reason: "the storage is read-only, and the in-memory store for new objects is full")
        }
        var batch = WriteBatch()
        batch.put(bytes, at: key, if: try await conditionInMemory(condition, of: key), as: purpose)
        try await memory.commit(batch)
    }

    /// The condition to check in memory, equivalent to `condition` on the combined view.
    private func conditionInMemory(
        _ condition: WriteBatch.Condition,
        of key: ObjectKey
    ) async throws(StorageError) -> WriteBatch.Condition {
        if condition == .any { return .any }
        return try await isInMemory(key) ? condition : .absent
    }

    private func promote(_ staged: any StagedObject, to destination: ObjectKey) async throws(StorageError) {
        let source = staged.place
        guard try await isInMemory(source) else {
            throw try await attributes(of: source) == nil ? .absent(source) : .readOnly(destination)
        }
        var batch = WriteBatch()
        batch.promote(staged, to: destination)
        try await memory.commit(batch)
        written.withLock { $0.move(source, to: destination) }
    }

    private func remove(_ key: ObjectKey, if condition: WriteBatch.Condition) async throws(StorageError) {
        if try await isInMemory(key) {
            var batch = WriteBatch()
            batch.remove(key, if: condition)
            try await memory.commit(batch)
            written.withLock { $0.remove(key) }
        } else if !removeLink(key), try await base.attributes(of: key) != nil {
            throw .readOnly(key)
        }
    }

    private func holds(_ bytes: ByteBuffer, _ key: ObjectKey) async throws(StorageError) -> Bool {
        // A damaged object is replaced.
        do { return try await read(key, limit: bytes.readableBytes) == bytes } catch  where error.isOfOneObject {
            return false
        }
    }
}
