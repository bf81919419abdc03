package import NIOCore
package import Storage
import Synchronization

/// A storage that remembers what was opened, and tells of what is read whole.
package final class CountingStorage: ObjectStorage {
    private let base: any ObjectStorage
    private let keys = Mutex<[ObjectKey]>([])
    private let onRead: @Sendable (ObjectKey) async throws(StorageError) -> Void

    /// - Parameter onRead: Called for each object that was read whole and each prefix that was listed, before the reader has it.
    package init(
        _ base: any ObjectStorage,
        onRead: @escaping @Sendable (ObjectKey) async throws(StorageError) -> Void = { _ in }
    ) {
        self.base = base
        self.onRead = onRead
    }

    /// The keys that were opened, in order.
    package var opened: [ObjectKey] { keys.withLock { $0 } }

    package var changeCount: Int { base.changeCount }

    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await base.attributes(of: key)
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        let bytes = try await base.read(key, limit: limit)
        try await onRead(key)
        return bytes
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        keys.withLock { $0.append(key) }
        return try await base.open(key)
    }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        let entries = try await base.list(prefix, after: name, limit: limit)
        try await onRead(prefix)
        return entries
    }

    package func write(_ bytes: ByteBuffer, to key: ObjectKey) async throws(StorageError) {
        try await base.write(bytes, to: key)
    }

    package func append(to key: ObjectKey) async throws(StorageError) -> any ObjectWriter {
        try await base.append(to: key)
    }

    package func move(_ source: ObjectKey, to destination: ObjectKey) async throws(StorageError) {
        try await base.move(source, to: destination)
    }

    package func link(_ source: LinkSource, to destination: ObjectKey, allowing policy: LinkPolicy)
        async throws(StorageError) -> LinkOutcome
    {
        let isOwn = source.storage is CountingStorage
        return try await base.link(isOwn ? LinkSource(source.key, in: base) : source, to: destination, allowing: policy)
    }

    package func remove(_ key: ObjectKey) async throws(StorageError) -> Bool { try await base.remove(key) }

    package func removeIfEmpty(_ prefix: ObjectKey) async throws(StorageError) {
        try await base.removeIfEmpty(prefix)
    }

    package func removeAll(below prefix: ObjectKey) async throws(StorageError) {
        try await base.removeAll(below: prefix)
    }
}
