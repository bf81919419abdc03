/// A read-only storage: every write is refused.
package protocol UnwritableStorage: ObjectStorage {}

extension UnwritableStorage {
    package var traits: StorageTraits { .immutable }

    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        guard let change = batch.changes.first(where: \.isWrite) else { return }
        throw .readOnly(change.key)
    }

    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        throw .readOnly(purpose.token.data)
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? { nil }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        throw .readOnly(prefix)
    }

    package func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        throw .readOnly(key)
    }
}
