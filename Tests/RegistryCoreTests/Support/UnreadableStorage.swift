import NIOCore
import Storage
import Synchronization

/// A storage of which nothing can be opened until it is mended.
final class UnreadableStorage: ObjectStorage {
    private let base: any ObjectStorage
    private let isMended = Mutex(false)

    init(_ base: any ObjectStorage) { self.base = base }

    /// Lets everything be opened from now on.
    func mend() { isMended.withLock { $0 = true } }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        guard isMended.withLock({ $0 }) else { throw .unreadable(key, reason: "the disk fails") }
        return try await base.open(key)
    }

    var changeCount: Int { base.changeCount }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await base.attributes(of: key)
    }

    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await base.read(key, limit: limit)
    }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        try await base.list(prefix, after: name, limit: limit)
    }

    func write(_ bytes: ByteBuffer, to key: ObjectKey) async throws(StorageError) {
        try await base.write(bytes, to: key)
    }

    func append(to key: ObjectKey) async throws(StorageError) -> any ObjectWriter { try await base.append(to: key) }

    func move(_ source: ObjectKey, to destination: ObjectKey) async throws(StorageError) {
        try await base.move(source, to: destination)
    }

    func link(_ source: LinkSource, to destination: ObjectKey, allowing policy: LinkPolicy)
        async throws(StorageError) -> LinkOutcome
    {
        try await base.link(LinkSource(source.key, in: base), to: destination, allowing: policy)
    }

    @discardableResult
    func remove(_ key: ObjectKey) async throws(StorageError) -> Bool { try await base.remove(key) }

    func removeIfEmpty(_ prefix: ObjectKey) async throws(StorageError) { try await base.removeIfEmpty(prefix) }

    func removeAll(below prefix: ObjectKey) async throws(StorageError) { try await base.removeAll(below: prefix) }
}
