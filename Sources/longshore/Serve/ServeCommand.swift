import ArgumentParser
import Foundation
import Logging
import Operations
import RegistryCore
import RegistryHTTP
import ServiceLifecycle
import Settings
import Storage
import UnixSignals
import WebPage

/// `longshore serve`: serves one directory to Docker clients of every age.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a directory to Docker clients of every age.",
        discussion: """
            The directory may be empty, the storage of docker-registry (v1), that of registry:2, or both in one. \
            v1 images are converted when a v2 client first pulls them; nothing is moved, and existing files stay \
            as they are. Only one process may write to a directory at a time. A directory that cannot be written to is \
            served read-only.

            The configuration is that of registry:2: a file, overridden by variables (REGISTRY_HTTP_ADDR is http.addr) \
            and by these options. `longshore config print` shows the result. SIGHUP reloads users, rules, \
            certificates (all of http.tls) and the log level.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await OperatorError.explaining {
            try await serve(options.accepted())
        }
    }

    private func serve(_ configuration: RegistryConfiguration) async throws {
        // Ignored until the reload service handles it: by default SIGHUP ends the process.
        signal(SIGHUP, SIG_IGN)
        let settings = configuration.settings
        let instruments = try Instruments(settings)
        defer { instruments.flush() }
        let logger = instruments.logger
        let encryption = try settings.http.tls.map { try Encryption(EncryptionPolicy($0)) }
        let directory = try await ServedDirectory.open(settings.storage, logger)
        let history = try await DirectoryHistory.read(in: directory.storage, isReadOnly: directory.storage.isReadOnly)
        let registry = Registry(
            storage: instruments.metered(directory.storage),
            isReadOnly: directory.storage.isReadOnly,
            configuration: try settings.registry(isBackgroundSafe: V1Upkeep.isSafe(directory.traits)),
            logger: logger
        )
        try await registry.prepare()
        let notifications = Notifications(settings, instruments, isReadOnly: registry.isReadOnly)
        notifications.follow(registry)
        let status = instruments.follow(registry, in: directory, notifications.notifier)
        let access = try AccessControl(
            AccessSettings(settings),
            secret: await registry.tokenSecret(),
            logger: logger
        )
        await access.prepare()
        let manager = ServiceManager()
        let server = RegistryServer(
            at: try settings.listeningPlace(manager),
            responder: try responder(registry, access, configuration, settings.service(over: history), instruments),
            encryption: encryption,
            logger: logger,
            observers: instruments.observers,
            limits: ConnectionLimits(
                connectionCount: settings.http.limits.connectionCount,
                streamCount: settings.http.limits.streamCount
            )
        ) { port in
            announce(settings, port, isReadOnly: directory.storage.isReadOnly, instruments.log)
            manager.tell("READY=1")
        }
        let reload = ReloadService(
            started: configuration,
            load: { [options] in try options.accepted() },
            log: instruments.log,
            auditFile: instruments.auditFile,
            access: access,
            tagRules: registry.tagRules,
            encryption: encryption,
            manager: manager,
            logger: logger
        )
        let aside = Task {
            await reportPrivate(registry, logger)
            await directory.sweep()
        }
        defer { aside.cancel() }
        let control = ControlService(
            registry: registry,
            storage: directory.storage,
            settings: settings,
            status: status,
            logger: logger
        )
        let clients = ClientRecordService(
            clients: registry.clients,
            pushes: registry.tagPushes,
            logger: logger
        )
        var services: [any Service] = [server, reload, clients, UnusedMemory()]
        if !registry.isReadOnly { services.append(control) }
        services += try instruments.services(for: directory)
        services.append(notifications.service(in: directory.storage, instruments.logger))
        do { try await run(services + upkeep(of: registry, settings, logger), settings, logger) } catch {
            logger.error("stopped", metadata: ["error": "\(Explanation.of(error))"])
            throw error
        }
        await save(registry, logger)
        logger.notice("stopped")
        try await directory.close()
    }

    /// Saves what clients may still refer to after a restart.
    private func save(_ registry: Registry, _ logger: Logger) async {
        do { try await registry.upkeep.save() } catch {
            logger.warning(
                "unfinished v1 pushes have to be repeated",
                metadata: ["error": "\(Explanation.of(error))"]
            )
        }
    }

    private func reportPrivate(_ registry: Registry, _ logger: Logger) async {
        do {
            try await registry.upkeep.reportPrivate()
        } catch is CancellationError {
            return
        } catch {
            logger.warning(
                "cannot read private markers in the v1 tree",
                metadata: ["error": "\(Explanation.of(error))"]
            )
        }
    }

    /// The background services, unless the registry is read-only.
    private func upkeep(of registry: Registry, _ settings: RegistrySettings, _ logger: Logger) -> [any Service] {
        guard !registry.isReadOnly else { return [] }
        var services: [any Service] = [UpkeepService(upkeep: registry.upkeep, logger: logger)]
        if settings.storage.collection.isEnabled {
            services.append(
                CollectionService(
                    registry: registry,
                    interval: settings.storage.collection.interval,
                    policy: CollectionPolicy(settings.storage.collection),
                    logger: logger
                )
            )
        }
        if settings.storage.scrub.isEnabled {
            let rate = Int64(settings.storage.scrub.megabyteRate) << 20
            services.append(ScrubService(verifier: registry.verifier, byteRate: rate, logger: logger))
        }
        if let purging = settings.storage.uploadPurging {
            services.append(UploadExpiry(registry: registry, purging: purging, logger: logger))
        }
        return services
    }

    private func responder(
        _ registry: Registry,
        _ access: AccessControl,
        _ configuration: RegistryConfiguration,
        _ settings: ServiceSettings,
        _ instruments: Instruments
    ) throws -> any RegistryResponder {
        let page = WebPage(registry, access, configuration, settings, instruments.logger)
        let service = RegistryService(
            registry: registry,
            settings: settings,
            besides: [page].compactMap(\.self),
            access: access,
            health: instruments.health,
            logger: instruments.logger
        )
        let headers = try configuration.settings.headerFields
        return headers.isEmpty ? service : FixedHeaders(headers, around: service)
    }

    /// Runs until SIGTERM or SIGINT, then until running requests are done or the drain timeout passes.
    private func run(_ services: [any Service], _ settings: RegistrySettings, _ logger: Logger) async throws {
        // At debug level, ServiceLifecycle logs whole values.
        var logger = logger
        logger.logLevel = .info
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = settings.http.drainTimeout
        let watchdog = ShutdownWatchdog(after: settings.http.drainTimeout, logger)
        defer { withExtendedLifetime(watchdog) {} }
        try await ServiceGroup(configuration: configuration).run()
    }

    private func announce(_ settings: RegistrySettings, _ port: Int, isReadOnly: Bool, _ log: LogOutput) {
        let mode = isReadOnly ? " (read-only)" : ""
        let scheme = settings.http.tls == nil ? "http" : "https"
        let host = settings.http.address.split(separator: ":", omittingEmptySubsequences: false)
            .dropLast().joined(separator: ":")
        let place = port == 0 ? settings.http.address : "\(scheme)://\(host.isEmpty ? "0.0.0.0" : host):\(port)"
        let message = "longshore serves \(settings.storage.root)\(mode) over v1 and v2 on \(place)"
        log.redirected(to: .standardOutput).write(LogLine(at: WallClock.now, .notice, message, []))
    }
}
