import NIOPosix
import Storage

/// The drivers against which the contract is held.
enum StorageDriver: CaseIterable {
    case fileSystem
    case memory

    /// Runs `body` on an empty storage.
    func withStorage<Value>(_ body: (any FileStorage) async throws -> Value) async throws -> Value {
        switch self {
        case .memory: return try await body(MemoryStorage())
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
}

/// Runs `body` with a new directory, and removes that.
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
