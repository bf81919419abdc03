package import NIOCore
package import Storage

/// A storage that hands every call on to another: one that differs in a few calls implements those alone.
///
/// A batch is made one change after the other, so that each passes the calls that differ.
package protocol ForwardingStorage: ObjectStorage {
    /// The storage that does the work.
    var base: any ObjectStorage { get }
}

extension ForwardingStorage {
    package var traits: StorageTraits { base.traits }

    package var changeCount: Int { base.changeCount }

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
        let isOwn = source.storage is Self
        return try await base.link(isOwn ? LinkSource(source.key, in: base) : source, to: destination, allowing: policy)
    }

    @discardableResult
    package func remove(_ key: ObjectKey) async throws(StorageError) -> Bool { try await base.remove(key) }

    package func removeIfEmpty(_ prefix: ObjectKey) async throws(StorageError) {
        try await base.removeIfEmpty(prefix)
    }

    package func removeAll(below prefix: ObjectKey) async throws(StorageError) {
        try await base.removeAll(below: prefix)
    }
}
