package import NIOCore

/// A storage that can be read and nothing else: whatever would write is refused.
package protocol UnwritableStorage: ObjectStorage {}

extension UnwritableStorage {
    package var traits: StorageTraits { .immutable }

    package var changeCount: Int { 0 }

    package func write(_ bytes: ByteBuffer, to key: ObjectKey) async throws(StorageError) { throw .readOnly(key) }

    package func append(to key: ObjectKey) async throws(StorageError) -> any ObjectWriter { throw .readOnly(key) }

    package func move(_ source: ObjectKey, to destination: ObjectKey) async throws(StorageError) {
        throw .readOnly(source)
    }

    package func link(_ source: LinkSource, to destination: ObjectKey, allowing policy: LinkPolicy)
        async throws(StorageError) -> LinkOutcome
    {
        throw .readOnly(destination)
    }

    @discardableResult
    package func remove(_ key: ObjectKey) async throws(StorageError) -> Bool { throw .readOnly(key) }

    package func removeAll(below prefix: ObjectKey) async throws(StorageError) { throw .readOnly(prefix) }

    package func removeIfEmpty(_ prefix: ObjectKey) async throws(StorageError) { throw .readOnly(prefix) }
}
