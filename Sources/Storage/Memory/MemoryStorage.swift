package import NIOCore
import Synchronization

/// Objects in memory, with every guarantee of the interface except durability. For tests.
package final class MemoryStorage: ObjectStorage {
    let tree = Mutex(MemoryTree())
    private let leases = MemoryLeases()

    package let traits = StorageTraits(
        sharesBytes: true,
        prefixesHaveVersions: true,
        foreignWritersTruncate: false,
        conditions: .versions,
        isShared: false,
        hasExactVersions: true
    )

    /// Creates an empty storage.
    package init() {}

    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        tree.withLock { $0.attributes(of: key) }
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        guard let bytes = try object(key)?.bytes else { return nil }
        guard bytes.readableBytes <= limit else {
            throw .tooLarge(key, byteCount: Int64(bytes.readableBytes), limit: limit)
        }
        return bytes
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        try object(key).map(MemoryReader.init)
    }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        let entries = tree.withLock { $0.entries(of: prefix) }
        let page = entries.drop { entry in
            guard let name else { return false }
            return !name.precedes(entry.name)
        }
        return Array(page.prefix(max(0, limit)))
    }

    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        MemoryStagedObject(purpose, in: self)
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? {
        guard let object = try object(token.data) else { return nil }
        let state = try token.state.flatMap { key throws(StorageError) in try self.object(key)?.bytes }
        return MemoryStagedObject(
            .resumable(token),
            in: self,
            storedByteCount: object.attributes.byteCount,
            savedState: state
        )
    }

    package func link(
        _ source: LinkSource,
        to destination: ObjectKey,
        allowing policy: LinkPolicy
    ) async throws(StorageError) -> LinkOutcome {
        guard let origin = source.storage as? MemoryStorage else {
            return try await copy(source, to: destination, allowing: policy)
        }
        guard let object = try origin.object(source.key) else { throw .absent(source.key) }
        return try tree.withLock { tree throws(StorageError) in
            if try tree.object(destination) === object { return .alreadyThere }
            switch policy {
            case .hardLink:
                try tree.put(object, under: destination)
                return .hardLink
            case .copy:
                try tree.put(MemoryObject(object.bytes), under: destination)
                return .copy(because: .requested)
            }
        }
    }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        try tree.withLock { tree throws(StorageError) in
            for key in keys { _ = try tree.remove(key) }
            tree.removeAll(below: prefix)
        }
    }

    package func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        try leases.take(key, for: holder)
    }

    private func object(_ key: ObjectKey) throws(StorageError) -> MemoryObject? {
        try tree.withLock { tree throws(StorageError) in try tree.object(key) }
    }

    private func copy(
        _ source: LinkSource,
        to destination: ObjectKey,
        allowing policy: LinkPolicy
    ) async throws(StorageError) -> LinkOutcome {
        guard let reader = try await source.storage.open(source.key) else { throw .absent(source.key) }
        let bytes = try await reader.read(at: 0, byteCount: Int(reader.attributes.byteCount))
        try await write(bytes, to: destination)
        switch policy {
        case .hardLink: return .copy(because: .differentDrivers)
        case .copy: return .copy(because: .requested)
        }
    }
}

extension MemoryStorage: FileStorage {
    package func append(to key: ObjectKey, isTemporary: Bool) async throws(StorageError) -> any FileWriter {
        let object = try tree.withLock { tree throws(StorageError) in
            if let object = try tree.object(key) { return object }
            let object = MemoryObject(ByteBuffer())
            try tree.put(object, under: key)
            return object
        }
        return MemoryWriter(object, key: key)
    }
}
