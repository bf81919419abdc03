import Foundation
import Migration
import NIOPosix
import RegistryCore
import Storage

/// A migration's open source and destination, the destination's lock, and the migrator between them.
struct OpenMigration {
    let migrator: Migrator
    /// The source and destination as printed, without passwords.
    let sourceName: String
    let destinationName: String
    /// The same, with absolute paths.
    let absoluteSource: String
    let absoluteDestination: String
    /// The destination's disk; nil when the destination is a registry.
    let disk: Disk?
    /// Why no file of the source can be linked, if that is already certain.
    let presumedObstacle: CopyReason?
    private let lock: DirectoryLock?

    /// Checks the source, then opens both.
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
            immutability: try options.immutability,
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

    /// Files on two devices can never be linked. On one device links may still fail, which only the run shows.
    private static func presumedObstacle(
        from source: SourceAddress,
        to destination: DestinationAddress
    ) throws -> CopyReason? {
        switch (source, destination) {
        case (.archive, .directory), (.archive, .layout): return .differentDrivers
        case (.directory(let old), .directory(let new)), (.directory(let old), .layout(let new)),
            (.schema1(let old), .directory(let new)), (.schema1(let old), .layout(let new)):
            // A missing directory will be created on the device of its nearest existing ancestor.
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

    /// Refuses a destination inside the source: nothing may be written to a source unless it is also the destination.
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

    /// Releases the lock.
    func close() async throws {
        try await lock?.release()
    }
}

/// The identity of a directory, whatever path leads to it: device and inode.
struct DirectoryIdentity: Equatable {
    private let numbers: [Int]

    /// The device number.
    var device: Int? { numbers.first }

    /// - Throws: Foundation's error when the directory does not exist.
    init(_ path: String) throws {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        )
        self.numbers = [attributes[.systemNumber], attributes[.systemFileNumber]]
            .compactMap { ($0 as? NSNumber)?.intValue }
    }
}

/// The destination is inside the source.
struct NestedDestination: Error, CustomStringConvertible {
    let destination: String
    let source: String

    var description: String {
        "\(destination) is inside \(source), and nothing is written to a source: choose a destination outside it"
    }
}
