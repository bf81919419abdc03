import ArgumentParser
import Foundation
import Logging
import NIOPosix
import RegistryCore
import RegistryHTTP
import ServiceLifecycle
import Storage
import UnixSignals

/// `longshore serve`: answers Docker clients of every age from one directory.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a directory to Docker clients of every age.",
        discussion: """
            The directory may be empty, the storage of docker-registry (v1), that of registry:2, or both at once. \
            v1 images are converted when a v2 client first asks for them; nothing is moved, and what was there stays \
            as it is. One process at a time may write to a directory. A directory that cannot be written to is served \
            read-only.
            """
    )

    @Option(help: ArgumentHelp("The directory that holds the images.", valueName: "directory"))
    var root = "./registry"

    @Option(
        help: ArgumentHelp("Where to listen: HOST:PORT, [IPV6]:PORT, or :PORT for all addresses.", valueName: "address")
    )
    var address = "0.0.0.0:5000"

    @Flag(help: "Let clients delete manifests, tags and blobs.")
    var delete = false

    @OptionGroup(title: "Users")
    var access: AccessOptions

    @OptionGroup(title: "Old clients")
    var legacy: LegacyOptions

    @OptionGroup(title: "Clients that do not take what is stored")
    var compatibility: CompatibilityOptions

    func run() async throws {
        let address = try OperatorError.explaining { try ListenAddress(parsing: self.address) }
        let logger = Logger(label: "longshore")
        let storage = try await OperatorError.explaining { try await open(logger) }
        let lock = try await OperatorError.explaining {
            storage.isReadOnly
                ? nil : try await DirectoryLock.acquire(in: storage, holder: ProcessDescription.line("longshore serve"))
        }
        let traits = try await OperatorError.explaining { try await FileSystemProbe(storage).probe() }
        for sentence in traits.missing { logger.warning("\(sentence)") }
        try await OperatorError.explaining {
            if !storage.isReadOnly { try await storage.removeAll(below: OwnLayout.staging) }
        }
        let registry = Registry(
            storage: storage,
            isReadOnly: storage.isReadOnly,
            configuration: Registry.Configuration(
                conversionConcurrency: ProcessInfo.processInfo.activeProcessorCount,
                legacy: legacy.settings(isBackgroundSafe: LegacyUpkeep.isSafe(traits)),
                compatibility: try compatibility.settings
            ),
            logger: logger
        )
        try await OperatorError.explaining { try await registry.prepare() }
        let access = try await OperatorError.explaining {
            try AccessControl(self.access.settings, secret: await registry.tokenSecret(), logger: logger)
        }
        await access.prepare()
        var settings = ServiceSettings()
        settings.allowsDeletes = delete
        settings.allowsLegacyDeletes = try await OperatorError.explaining {
            ServiceSettings.allowsLegacyDeletes(
                chosen: legacy.deletes,
                deletes: delete ? true : nil,
                overV1Tree: try await registry.tree.isThere
            )
        }
        let service = RegistryService(registry: registry, settings: settings, access: access, logger: logger)
        let upkeep = UpkeepService(upkeep: registry.upkeep, logger: logger)
        let expiry = UploadExpiry(registry: registry, logger: logger)
        let server = RegistryServer(address: address, responder: service, logger: logger) { [root] port in
            let place = ListenAddress(host: address.host, port: port)
            let mode = storage.isReadOnly ? " (read-only)" : ""
            Console.say("longshore serves \(root)\(mode) by v1 and v2 on http://\(place)")
        }
        let sweep = Task { await sweepStagingFiles(storage, logger) }
        defer { sweep.cancel() }
        let group = ServiceGroup(
            configuration: .init(
                services: storage.isReadOnly ? [server] : [server, upkeep, expiry],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await OperatorError.explaining { try await group.run() }
        try await lock?.release()
    }

    /// Removes what writes that never ended have left, while requests are served: it walks the whole directory.
    private func sweepStagingFiles(_ storage: FileSystemStorage, _ logger: Logger) async {
        guard !storage.isReadOnly else { return }
        do {
            let count = try await storage.removeStaleStagingFiles()
            if count > 0 { logger.notice("removed what interrupted writes had left", metadata: ["files": "\(count)"]) }
        } catch {
            logger.warning("cannot remove what interrupted writes have left", metadata: ["error": "\(error)"])
        }
    }

    /// Opens the root for writing, or for reading alone where it is there and cannot be written to.
    private func open(_ logger: Logger) async throws -> FileSystemStorage {
        do {
            return try await FileSystemStorage.open(root: root, access: .readWrite, threadPool: .singleton)
        } catch let refusal {
            guard let storage = try? await FileSystemStorage.open(root: root, access: .readOnly, threadPool: .singleton)
            else { throw refusal }
            logger.warning(
                "the directory cannot be written to and is served read-only",
                metadata: ["reason": "\(refusal)"]
            )
            return storage
        }
    }
}
