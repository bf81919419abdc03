package import NIOCore
import Synchronization

/// A read-only storage with writes kept in memory, lost when the process exits.
///
/// A link to an object of the base takes no memory and appears in no listing. All other writes together are limited:
/// the oldest discardable objects are evicted, and a write that still does not fit is refused.
package final class OverlayStorage: ObjectStorage {
    let base: any ObjectStorage
    let memory = MemoryStorage()
    /// Links: additional keys for objects of the base.
    private let links = Mutex<[ObjectKey: ObjectKey]>([:])
    let written: Mutex<MemoryBudget>

    /// - Parameters:
    ///   - base: The read-only storage.
    ///   - byteLimit: The maximum number of bytes in memory.
    ///   - prefix: Objects below this prefix may be evicted; nil for none.
    package init(over base: any ObjectStorage, byteLimit: Int = 64 << 20, discarding prefix: ObjectKey? = nil) {
        self.base = base
        self.written = Mutex(MemoryBudget(byteLimit: byteLimit, discardable: prefix))
    }
}

/// Reading.
extension OverlayStorage {
    /// The traits of the base, except that writes in memory can always share bytes.
    package var traits: StorageTraits {
        StorageTraits(
            sharesBytes: true,
            prefixesHaveVersions: base.traits.prefixesHaveVersions,
            foreignWritersTruncate: base.traits.foreignWritersTruncate,
            conditions: .versions,
            isShared: base.traits.isShared,
            hasExactVersions: base.traits.hasExactVersions
        )
    }

    package var executor: (any TaskExecutor)? { base.executor }

    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await attributes(of: [key])[0]
    }

    package func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        var all = try await base.attributes(of: keys.map(place))
        for (index, key) in keys.enumerated() {
            guard let written = try await memory.attributes(of: key) else { continue }
            all[index] = Self.joined(written, with: all[index])
        }
        return all
    }

    /// A directory in memory also has the names of the same directory in the base.
    private static func joined(_ written: ObjectAttributes, with base: ObjectAttributes?) -> ObjectAttributes {
        guard written.kind == .directory, let base, base.kind == .directory else { return written }
        return ObjectAttributes(
            kind: .directory,
            byteCount: 0,
            modified: base.modified,
            version: written.version.joined(with: base.version)
        )
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        if try await isInMemory(key) { return try await memory.read(key, limit: limit) }
        return try await base.read(place(of: key), limit: limit)
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        if try await isInMemory(key) { return try await memory.open(key) }
        return try await base.open(place(of: key))
    }

    package func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject
    {
        let isWritten = (try await isInMemory(link), try await isInMemory(key))
        guard isWritten.0 || isWritten.1 else {
            return try await base.open(place(of: key), with: link, prefetching: prefetch)
        }
        guard let bytes = try await read(link, limit: LinkedObject.linkLimit) else {
            return LinkedObject(link: nil, object: nil)
        }
        return LinkedObject(link: bytes, object: try await open(key))
    }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        let written = try await memory.list(prefix, after: name, limit: limit)
        let present = try await base.list(prefix, after: name, limit: limit)
        guard !written.isEmpty else { return present }
        let names = Set(present.map(\.name))
        let all = present + written.filter { !names.contains($0.name) }
        return Array(all.sorted { $0.name.precedes($1.name) }.prefix(limit))
    }

    func isInMemory(_ key: ObjectKey) async throws(StorageError) -> Bool {
        try await memory.attributes(of: key)?.kind == .object
    }

    private func place(of key: ObjectKey) -> ObjectKey { links.withLock { $0[key] } ?? key }
}

/// Writing.
extension OverlayStorage {
    /// Streams of unbounded length are never buffered in memory.
    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        throw .readOnly(purpose.token.data)
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? {
        if try await isInMemory(token.data) { return try await memory.resume(token) }
        return try await base.resume(token)
    }

    /// Makes an object available under another key.
    func share(_ source: ObjectKey, as destination: ObjectKey) async throws(StorageError) {
        if try await isInMemory(source) {
            return try await memory.commit(WriteBatch([.share(source, as: destination)]))
        }
        let origin = place(of: source)
        guard try await base.attributes(of: origin)?.kind == .object else { throw .absent(source) }
        guard try await base.attributes(of: destination) == nil else { throw .readOnly(destination) }
        links.withLock { $0[destination] = origin }
    }

    /// Removes a link to an object of the base, and returns whether there was one.
    func removeLink(_ key: ObjectKey) -> Bool {
        links.withLock { $0.removeValue(forKey: key) } != nil
    }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        for key in keys + [prefix] where try await base.attributes(of: key) != nil { throw .readOnly(key) }
        try await memory.removeAll(below: prefix, first: keys)
        for key in keys { written.withLock { $0.remove(key) } }
        written.withLock { $0.removeAll(below: prefix) }
    }

    /// Local to this process, because its writes are invisible to others.
    package func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        try await memory.lease(key, for: holder)
    }
}
