package import NIOCore

/// A storage that forwards every call to another; conforming types implement `commit` and the other calls they change.
///
/// Calls with several keys are made key by key, so a type that changes the call for one key changes them all.
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

/// A forwarding storage that also forwards calls with several keys as they are, in one step.
package protocol StepForwardingStorage: ForwardingStorage {}

extension StepForwardingStorage {
    package func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        try await base.attributes(of: keys)
    }

    package func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?] {
        try await base.read(keys, limit: limit)
    }

    package func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject
    {
        try await base.open(key, with: link, prefetching: prefetch)
    }
}
