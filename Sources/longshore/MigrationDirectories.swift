import Foundation
import NIOPosix
import RegistryCore
import Storage

/// The two directories of a migration, open, and the lock of the one that is written to.
struct MigrationDirectories {
    let source: FileSystemStorage
    let destination: FileSystemStorage
    let lock: DirectoryLock
    /// Whether the two are one.
    let isInPlace: Bool

    /// Opens both, after looking whether the source is what it should be.
    init(source: String, destination: String) async throws {
        let tree = try await FileSystemStorage.open(root: source, access: .readOnly, threadPool: .singleton)
        for key in [V1Layout.images, V1Layout.repositories] {
            guard try await tree.attributes(of: key)?.kind == .directory else {
                throw NotATree(path: source, missing: key.description)
            }
        }
        self.destination = try await FileSystemStorage.open(
            root: destination,
            access: .readWrite,
            threadPool: .singleton
        )
        self.isInPlace = try Self.identity(source) == Self.identity(destination)
        self.source = isInPlace ? self.destination : tree
        self.lock = try await DirectoryLock.acquire(
            in: self.destination,
            holder: ProcessDescription.line("longshore migrate")
        )
        try await self.destination.removeAll(below: OwnLayout.staging)
        for sentence in try await FileSystemProbe(self.destination).probe().missing {
            Console.note("Note: \(sentence)")
        }
    }

    /// What tells two directories apart, however they are named: device and inode.
    private static func identity(_ path: String) throws -> [Int] {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        )
        return [attributes[.systemNumber], attributes[.systemFileNumber]].compactMap { ($0 as? NSNumber)?.intValue }
    }
}

/// The source is a directory, but not one that docker-registry wrote.
struct NotATree: Error, CustomStringConvertible {
    let path: String
    let missing: String
    var description: String { "\(path) is not the storage of a docker-registry: it has no directory '\(missing)'" }
}
