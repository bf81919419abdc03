import NIOCore
import NIOPosix

@testable package import Storage

/// The drivers that must satisfy the contract.
enum StorageDriver: CaseIterable {
    case fileSystem
    case memory
    case bucket

    /// Drivers with directories, which outlive the objects in them and are not objects, and with objects of several
    /// names.
    static let withDirectories: [StorageDriver] = [.fileSystem, .memory]

    /// Runs `body` on an empty storage.
    func withStorage<Value>(_ body: (any ObjectStorage) async throws -> Value) async throws -> Value {
        try await withFileStorage(orBucket: { try await body(MemoryBucket()) }, body)
    }

    /// Runs `body` on an empty storage with growing files and hard links: one of ``withDirectories``.
    func withFileStorage<Value>(_ body: (any FileStorage) async throws -> Value) async throws -> Value {
        try await withFileStorage(orBucket: { throw NotOfFiles() }, body)
    }

    private func withFileStorage<Value>(
        orBucket useBucket: () async throws -> Value,
        _ body: (any FileStorage) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .memory: return try await body(MemoryStorage())
        case .bucket: return try await useBucket()
        case .fileSystem:
            return try await withScratchDirectory { directory in
                let storage = try await FileSystemStorage.open(
                    root: directory.path,
                    access: .readWrite,
                    threadPool: .singleton
                )
                return try await body(storage)
            }
        }
    }

    private struct NotOfFiles: Error {}
}

/// Runs `body` with a new directory, and removes it.
func withScratchDirectory<Value>(_ body: (ScratchDirectory) async throws -> Value) async throws -> Value {
    let directory = try ScratchDirectory()
    do {
        let value = try await body(directory)
        try directory.remove()
        return value
    } catch {
        try directory.remove()
        throw error
    }
}

extension MemoryBucket: FileStorage {
    /// For tests that observe a growing object.
    package func append(to key: ObjectKey, isTemporary: Bool) async throws(StorageError) -> any FileWriter {
        MemoryWriter(request { $0.object(key) ?? $0.put(ByteBuffer(), at: key) }, key: key)
    }

    /// A bucket has no second names: a copy.
    package func link(
        _ source: LinkSource,
        to destination: ObjectKey,
        allowing policy: LinkPolicy
    ) async throws(StorageError) -> LinkOutcome {
        guard let reader = try await source.storage.open(source.key) else { throw .absent(source.key) }
        let bytes = try await reader.read(at: 0, byteCount: Int(reader.attributes.byteCount))
        try await write(bytes, to: destination)
        return .copy(because: policy == .copy ? .requested : .notSupported)
    }
}
