import NIOCore
import Storage

/// A storage with one directory that cannot be listed.
struct UnreadableDirectory: UnwritableStorage {
    let base: any ObjectStorage
    let key: ObjectKey

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await base.attributes(of: key)
    }

    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await base.read(key, limit: limit)
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? { try await base.open(key) }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        if prefix == key { throw .unreadable(key, reason: "Permission denied") }
        return try await base.list(prefix, after: name, limit: limit)
    }
}
