/// A storage that records the changes made through it. Every read goes to the underlying storage; every change is
/// recorded before the call returns.
package final class TrackedStorage: StepForwardingStorage {
    /// The underlying storage.
    package let base: any ObjectStorage
    let marks = ChangeMarks()

    /// Starts tracking changes to `base`.
    package init(_ base: any ObjectStorage) { self.base = base }
}

/// Writing. A failed call may have changed something too, so it is recorded as well.
extension TrackedStorage {
    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        defer { marks.note(batch.changedKeys, removed: batch.removedPrefixes) }
        try await base.commit(batch.untracked)
    }

    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        TrackedStagedObject(try await base.stage(purpose), in: self)
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? {
        try await base.resume(token).map { TrackedStagedObject($0, in: self) }
    }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        defer { marks.note(keys, removed: [prefix]) }
        try await base.removeAll(below: prefix, first: keys)
    }
}

extension WriteBatch {
    /// The changed keys.
    fileprivate var changedKeys: [ObjectKey] {
        changes.flatMap { change -> [ObjectKey] in
            switch change {
            case .put, .ensure, .share, .remove, .prune: [change.key]
            case .promote(let staged, let destination): [staged.place, destination]
            case .abandon(let staged): [staged.place]
            case .require, .discard: []
            }
        }
    }

    /// The same batch with the underlying storage's staged objects.
    fileprivate var untracked: WriteBatch {
        WriteBatch(
            changes.map { change in
                switch change {
                case .promote(let staged as TrackedStagedObject, let destination):
                    .promote(staged.base, to: destination)
                case .abandon(let staged as TrackedStagedObject): .abandon(staged.base)
                default: change
                }
            },
            deadline: deadline
        )
    }

    /// The prefixes that are removed with everything below them.
    fileprivate var removedPrefixes: [ObjectKey] {
        changes.compactMap { if case .discard(let key) = $0 { key } else { nil } }
    }
}
