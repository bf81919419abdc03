import Logging
import NIOPosix
import RegistryCore
import Settings
import Storage

/// The directory to serve: open, locked if writable, and probed for what its file system can do.
struct ServedDirectory {
    let storage: FileSystemStorage
    let traits: FileSystemTraits
    /// The lock; nil if the directory is read-only.
    let lock: DirectoryLock?
    private let logger: Logger

    /// Opens the directory for writing; read-only when configured so or when it cannot be written to.
    static func open(_ settings: StorageSettings, _ logger: Logger) async throws -> ServedDirectory {
        let storage = try await storage(settings, logger)
        try await warnOfOthers(in: storage, logger)
        let lock =
            storage.isReadOnly
            ? nil : try await DirectoryLock.acquire(in: storage, holder: ProcessDescription.line("longshore serve"))
        if storage.isReadOnly {
            try await LayoutFormat.check(storage)
        } else {
            try await LayoutFormat.upgrade(storage)
        }
        let traits = try await FileSystemProbe(storage).probe()
        for sentence in traits.missing { logger.warning("\(sentence)") }
        if !storage.isReadOnly { try await storage.removeAll(below: OwnLayout.staging) }
        return ServedDirectory(storage: storage, traits: traits, lock: lock, logger: logger)
    }

    /// Warns about a directory with files but no registry data.
    private static func warnOfOthers(in storage: FileSystemStorage, _ logger: Logger) async throws {
        let names = Set(try await storage.list(.root).map(\.name)).subtracting(["lost+found"])
        let layouts: Set = ["images", "repositories", "docker", "longshore"]
        guard !names.isEmpty, names.isDisjoint(with: layouts) else { return }
        logger.warning(
            "the directory is not empty and holds no registry data; is this the right one?",
            metadata: ["directory": "\(storage.root)"]
        )
    }

    /// Releases the lock.
    func close() async throws { try await lock?.release() }

    /// Removes the remains of interrupted writes. It walks the whole directory, so it runs while requests are served.
    func sweep() async {
        guard !storage.isReadOnly else { return }
        do {
            let count = try await storage.removeStaleStagingFiles()
            if count > 0 { logger.notice("removed leftovers of interrupted writes", metadata: ["files": "\(count)"]) }
        } catch {
            logger.warning(
                "cannot remove leftovers of interrupted writes",
                metadata: ["error": "\(Explanation.of(error))"]
            )
        }
    }

    private static func storage(_ settings: StorageSettings, _ logger: Logger) async throws -> FileSystemStorage {
        let root = settings.root
        if settings.isReadOnly {
            return try await FileSystemStorage.open(root: root, access: .readOnly, threadPool: .singleton)
        }
        do {
            return try await FileSystemStorage.open(root: root, access: .readWrite, threadPool: .singleton)
        } catch let refusal {
            guard let storage = try? await FileSystemStorage.open(root: root, access: .readOnly, threadPool: .singleton)
            else { throw refusal }
            logger.warning(
                "cannot write to the directory; serving it read-only",
                metadata: ["reason": "\(Explanation.of(refusal))"]
            )
            return storage
        }
    }
}
