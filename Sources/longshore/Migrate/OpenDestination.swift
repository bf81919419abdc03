import Foundation
import Migration
import NIOPosix
import RegistryClient
import RegistryCore
import Storage

/// A migration's destination: open for writing and locked; in a dry run, open for reading only.
struct OpenDestination {
    let destination: any MigrationDestination
    let workspace: any FileStorage
    let lock: DirectoryLock?
    /// The path of the destination, when it is a directory on disk.
    let directory: String?

    /// - Parameters:
    ///   - work: The directory for the journal and layers in transit when the destination is a registry.
    ///   - immutability: The rules that make tags of a directory immutable.
    init(
        _ address: DestinationAddress,
        _ transport: RegistryTransport,
        work: String,
        immutability: [ImmutabilityRule],
        isDryRun: Bool
    ) async throws {
        switch address {
        case .directory(let path):
            let (storage, lock) = try await Self.open(path, isDryRun: isDryRun)
            self.destination = DirectoryDestination(storage, isReadOnly: isDryRun, immutability: immutability)
            self.workspace = storage
            self.lock = lock
            self.directory = storage is FileSystemStorage ? path : nil
        case .layout(let path):
            let (storage, lock) = try await Self.open(path, isDryRun: isDryRun)
            self.destination = try await LayoutDestination(storage, isReadOnly: isDryRun)
            self.workspace = storage
            self.lock = lock
            self.directory = nil
        case .registry(let address):
            let (storage, lock) = try await Self.open(work, isDryRun: isDryRun)
            self.destination = try await RegistryDestination(address, transport, workspace: storage)
            self.workspace = storage
            self.lock = lock
            self.directory = nil
        }
    }

    /// Opens a directory for writing, locked and swept. In a dry run opens it for reading; empty if it does not exist.
    private static func open(_ path: String, isDryRun: Bool) async throws -> (any FileStorage, DirectoryLock?) {
        if isDryRun {
            guard FileManager.default.fileExists(atPath: path) else { return (MemoryStorage(), nil) }
            let storage = try await FileSystemStorage.open(root: path, access: .readOnly, threadPool: .singleton)
            try await LayoutFormat.check(storage)
            return (storage, nil)
        }
        let storage = try await FileSystemStorage.open(root: path, access: .readWrite, threadPool: .singleton)
        let lock = try await DirectoryLock.acquire(
            in: storage,
            holder: ProcessDescription.line("longshore migrate")
        )
        try await LayoutFormat.upgrade(storage)
        try await storage.removeAll(below: OwnLayout.staging)
        for sentence in try await FileSystemProbe(storage).probe().missing { Console.note("Note: \(sentence)") }
        return (storage, lock)
    }
}
