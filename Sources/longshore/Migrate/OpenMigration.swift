import Foundation
import Migration
import NIOPosix
import RegistryCore
import Storage

/// The two ends of a migration, open; the lock of what is written to; and what does the work between them.
struct OpenMigration {
    /// What does the work.
    let migrator: Migrator
    /// The two ends as they are shown: without passwords.
    let sourceName: String
    let destinationName: String
    private let lock: DirectoryLock?

    /// Opens both ends, after looking whether the source is what it should be.
    init(
        from source: String,
        to destination: String,
        _ transports: RegistryTransports,
        _ options: MigrateOptions,
        _ migrationOptions: MigrationOptions
    ) async throws {
        let sourceAddress = try SourceAddress(source, upgradesSchema1: options.upgradesSchema1)
        let address = try DestinationAddress(destination)
        try await sourceAddress.check()
        let opened = try await OpenDestination(
            address,
            transports.destination,
            work: options.work,
            isDryRun: options.dryRun
        )
        let isInPlace = try Self.isOne(opened.directory, sourceAddress)
        let migrationSource = try await sourceAddress.open(
            inPlace: isInPlace ? opened.workspace : nil,
            workspace: opened.workspace,
            transport: transports.source,
            namesFile: options.repositories
        )
        self.migrator = Migrator(
            from: migrationSource,
            to: opened.destination,
            isInPlace: isInPlace,
            journal: try await MigrationJournal(
                in: opened.workspace,
                of: "\(migrationSource.identity) \(opened.directory == nil ? address.description : "")"
            ),
            options: migrationOptions
        )
        self.sourceName = sourceAddress.description
        self.destinationName = address.description
        self.lock = opened.lock
    }

    private static func isOne(_ directory: String?, _ source: SourceAddress) throws -> Bool {
        guard let directory, let path = source.directory else { return false }
        return try DirectoryIdentity(directory) == DirectoryIdentity(path)
    }

    /// Gives back what is held.
    func close() async throws {
        try await lock?.release()
    }
}

/// What tells two directories apart, however they are named: device and inode.
struct DirectoryIdentity: Equatable {
    private let numbers: [Int]

    /// - Throws: An error of Foundation when there is no such directory.
    init(_ path: String) throws {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        )
        self.numbers = [attributes[.systemNumber], attributes[.systemFileNumber]]
            .compactMap { ($0 as? NSNumber)?.intValue }
    }
}
