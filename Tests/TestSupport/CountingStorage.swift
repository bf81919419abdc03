package import NIOCore
package import Storage
import Synchronization

/// A storage that records what was opened, and reports what is read whole.
package final class CountingStorage: ForwardingStorage {
    package let base: any ObjectStorage
    private let keys = Mutex<[ObjectKey]>([])
    private let onRead: @Sendable (ObjectKey) async throws(StorageError) -> Void

    /// - Parameter onRead: Called for each object read whole and each prefix listed, before the reader gets it.
    package init(
        _ base: any ObjectStorage,
        onRead: @escaping @Sendable (ObjectKey) async throws(StorageError) -> Void = { _ in }
    ) {
        self.base = base
        self.onRead = onRead
    }

    /// The keys that were opened, in order.
    package var opened: [ObjectKey] { keys.withLock { $0 } }

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
}
