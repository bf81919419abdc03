import Logging
import NIOPosix
import RegistryCore
import Settings
import Storage

/// The directory that is served: open, ours alone where we write to it, and known for what its file system can do.
struct ServedDirectory {
    let storage: FileSystemStorage
    /// What its file system can do.
    let traits: FileSystemTraits
    private let lock: DirectoryLock?
    private let logger: Logger

    /// Opens it for writing, or for reading alone where that was asked for, or where it cannot be written to.
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

    /// Says so where there is something, and nothing of a registry.
    private static func warnOfOthers(in storage: FileSystemStorage, _ logger: Logger) async throws {
        let names = Set(try await storage.list(.root).map(\.name)).subtracting(["lost+found"])
        let layouts: Set = ["images", "repositories", "docker", "longshore"]
        guard !names.isEmpty, names.isDisjoint(with: layouts) else { return }
        logger.warning(
            "the directory is not empty, and holds the images of no registry: is it another one that was meant?",
            metadata: ["directory": "\(storage.root)"]
        )
    }

    /// Lets others write to it.
    func close() async throws { try await lock?.release() }

    /// Removes what writes that never ended have left, while requests are served: it walks the whole directory.
    func sweep() async {
        guard !storage.isReadOnly else { return }
        do {
            let count = try await storage.removeStaleStagingFiles()
            if count > 0 { logger.notice("removed what interrupted writes had left", metadata: ["files": "\(count)"]) }
        } catch {
            logger.warning(
                "cannot remove what interrupted writes have left",
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
                "the directory cannot be written to and is served read-only",
                metadata: ["reason": "\(Explanation.of(refusal))"]
            )
            return storage
        }
    }
}
