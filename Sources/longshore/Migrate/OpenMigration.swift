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
    /// The same, with whole paths.
    let absoluteSource: String
    let absoluteDestination: String
    /// The disk that is written to; nil when the destination is served.
    let disk: Disk?
    /// Why no file of the source can be linked, as far as that is known without trying.
    let presumedObstacle: CopyReason?
    private let lock: DirectoryLock?

    /// Opens both ends, after looking whether the source is what it should be.
    init(
        from source: String,
        to destination: String,
        _ transports: RegistryTransports,
        _ options: MigrateOptions,
        _ migrationOptions: MigrationOptions
    ) async throws {
        let sourceAddress = try SourceAddress(source, upgradesSchema1: options.upgradesSchema1, name: options.name)
        let address = try DestinationAddress(destination)
        try await sourceAddress.check()
        try Self.refuseNesting(address, in: sourceAddress)
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
        self.presumedObstacle = try Self.presumedObstacle(from: sourceAddress, to: address)
        self.sourceName = sourceAddress.description
        self.destinationName = address.description
        self.absoluteSource = sourceAddress.absolute
        self.absoluteDestination = address.absolute
        self.disk = address.directory.map(Disk.init)
        self.lock = opened.lock
    }

    /// Two devices never have a file in common; one device may still refuse to link, which is tried out in the run.
    private static func presumedObstacle(
        from source: SourceAddress,
        to destination: DestinationAddress
    ) throws -> CopyReason? {
        switch (source, destination) {
        case (.archive, .directory), (.archive, .layout): return .differentDrivers
        case (.directory(let old), .directory(let new)), (.directory(let old), .layout(let new)),
            (.schema1(let old), .directory(let new)), (.schema1(let old), .layout(let new)):
            // What is not there yet will be where the directory above it is.
            var url = URL(filePath: new).standardizedFileURL
            while url.pathComponents.count > 1, !FileManager.default.fileExists(atPath: url.path(percentEncoded: false))
            {
                url.deleteLastPathComponent()
            }
            let devices = try [old, url.path(percentEncoded: false)].map { try DirectoryIdentity($0).device }
            return devices[0] == devices[1] ? nil : .differentFileSystems
        case (.registry, _), (_, .registry): return nil
        }
    }

    /// Nothing is written to a source that is not the destination itself.
    private static func refuseNesting(_ destination: DestinationAddress, in source: SourceAddress) throws {
        guard let path = destination.directory, let old = source.directory else { return }
        let paths = [path, old].map { URL(filePath: $0).resolvingSymlinksInPath().standardizedFileURL.pathComponents }
        guard paths[0].count > paths[1].count, paths[0].starts(with: paths[1]) else { return }
        throw NestedDestination(destination: path, source: old)
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

    /// The number of the device.
    var device: Int? { numbers.first }

    /// - Throws: An error of Foundation when there is no such directory.
    init(_ path: String) throws {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        )
        self.numbers = [attributes[.systemNumber], attributes[.systemFileNumber]]
            .compactMap { ($0 as? NSNumber)?.intValue }
    }
}

/// The destination is a directory in the source.
struct NestedDestination: Error, CustomStringConvertible {
    let destination: String
    let source: String

    var description: String {
        "\(destination) is in \(source), to which nothing is written unless it is the destination too"
    }
}
