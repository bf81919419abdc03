import NIOCore
import Storage

/// Abbreviations for tests.
extension ObjectStorage {
    /// The text under `key`, or nil.
    func text(_ key: String) async throws -> String? {
        try await read(.root.appending(key), limit: 1 << 20).map { String(buffer: $0) }
    }

    /// Writes `text` under `key`.
    func write(_ text: String, to key: String) async throws {
        try await write(ByteBuffer(string: text), to: .root.appending(key))
    }

    /// Makes the bytes under `source` the object under `destination`.
    func move(_ source: ObjectKey, to destination: ObjectKey) async throws(StorageError) {
        guard let staged = try await resume(StagingToken(data: source)) else { throw .absent(source) }
        var batch = WriteBatch()
        batch.promote(staged, to: destination)
        try await commit(batch)
    }

    /// Makes sure that an object exists durably.
    func require(_ key: String) async throws(StorageError) {
        var batch = WriteBatch()
        batch.require(.root.appending(key))
        try await commit(batch)
    }

    /// Removes objects, and their prefix if it is then empty.
    func prune(_ prefix: ObjectKey, removing keys: [ObjectKey] = []) async throws(StorageError) {
        var batch = WriteBatch()
        batch.remove(keys, pruning: prefix)
        try await commit(batch)
    }

    /// The names below `prefix`, with a slash after directories.
    func names(_ prefix: String = "", after name: String? = nil, limit: Int = 1000) async throws -> [String] {
        let key = prefix.isEmpty ? ObjectKey.root : .root.appending(prefix)
        return try await list(key, after: name, limit: limit).map { $0.isDirectory ? $0.name + "/" : $0.name }
    }

    /// Continues with the bytes under `key`.
    func staged(_ key: ObjectKey) async throws -> any StagedObject {
        guard let staged = try await resume(StagingToken(data: key)) else { throw StorageError.absent(key) }
        return staged
    }
}

extension FileStorage {
    /// Links or copies `source` of this storage to `destination`.
    func link(_ source: String, to destination: String, allowing policy: LinkPolicy = .hardLink) async throws
        -> LinkOutcome
    {
        try await link(
            LinkSource(.root.appending(source), in: self),
            to: .root.appending(destination),
            allowing: policy
        )
    }
}
