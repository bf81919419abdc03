import Logging
import Operations
import RegistryCore
import RegistryHTTP
import ServiceLifecycle
import Settings
import Storage

/// What shows how a server is doing: its log, its metrics and its health checks.
struct Instruments {
    let log: LogOutput
    let logger: Logger
    let metrics = PrometheusMetrics()
    let health: HealthChecks
    /// Records changes; nil without an audit log.
    let audit: AuditLog?
    /// The file of the audit log; nil if it is none.
    let auditFile: LineWriter?

    private let settings: RegistrySettings

    /// - Throws: ``UnusableLog``.
    init(_ settings: RegistrySettings) throws {
        self.settings = settings
        log = LogOutput(settings)
        logger = log.logger()
        health = HealthChecks(logger: logger)
        switch settings.log.audit {
        case nil:
            auditFile = nil
            audit = nil
        case "stdout"?:
            auditFile = nil
            audit = AuditLog(log.redirected(to: .standardOutput))
        case let path?:
            let file = try LineWriter(path: path)
            auditFile = file
            audit = AuditLog(log.redirected(to: file))
        }
    }

    /// Waits until all lines are written, at most for a few seconds.
    func flush() {
        LineWriter.flushAll()
        auditFile?.flush()
    }

    /// Whether anybody can read the metrics.
    private var hasMetrics: Bool { settings.http.debug?.metricsPath != nil }

    /// Notified of each request.
    var observers: [any RequestObserver] {
        var observers: [any RequestObserver] = [RequestMetrics(metrics)]
        if settings.log.logsRequests {
            observers.append(AccessLog(AccessLog.Style(rawValue: settings.log.requestFormat) ?? .fields, log))
        }
        if let audit { observers.append(audit) }
        return observers
    }

    /// The storage, timed if anybody can read the times.
    func metered(_ storage: FileSystemStorage) -> any ObjectStorage {
        hasMetrics ? MeteredStorage(storage, driver: "filesystem", metrics) : storage
    }

    /// Begins to follow a registry, and returns its status.
    func follow(_ registry: Registry, in directory: ServedDirectory, _ notifier: Notifier) -> ServerStatus {
        _ = RegistryMetrics(of: registry, metrics)
        _ = ProcessMetrics(version: Longshore.version, metrics)
        let storage = StorageHealth(directory.storage, directory.lock)
        storage.watch(health)
        storage.report(to: metrics, health)
        metrics.reportLostLines(of: [.standardError, .standardOutput] + (auditFile.map { [$0] } ?? []))
        audit?.follow(registry.events)
        return ServerStatus(version: Longshore.version, of: registry, metrics, health, notifier)
    }

    /// The services that check health, and serve health and metrics.
    func services(for directory: ServedDirectory) throws -> [any Service] {
        let storage = StorageHealth(directory.storage, directory.lock)
        var checks = [HealthCheck](settings.health)
        if let schedule = settings.health.storage {
            checks.append(
                HealthCheck(
                    StorageHealth.name,
                    every: schedule.interval ?? HealthCheck.usualInterval,
                    threshold: schedule.threshold,
                    refuses: false
                ) { await storage.check() }
            )
        } else {
            checks.append(
                HealthCheck(StorageHealth.name, every: HealthCheck.usualInterval, threshold: 1) {
                    await storage.checkRoot()
                }
            )
        }
        var services: [any Service] = [HealthService(checks, health)]
        if let debug = settings.http.debug { services.append(try server(debug)) }
        return services
    }

    private func server(_ debug: DebugSettings) throws -> RegistryServer {
        RegistryServer(
            at: .address(try ListenAddress(parsing: debug.address)),
            responder: DebugResponder(health, metrics, at: debug.metricsPath),
            logger: logger,
            limits: ConnectionLimits(connectionCount: 64, streamCount: 64)
        ) { [logger] port in
            logger.notice("debug server listening", metadata: ["port": "\(port)"])
        }
    }
}

extension LogOutput {
    /// The log of the configuration: on standard error.
    convenience init(_ settings: RegistrySettings) {
        self.init(
            LogFormat(rawValue: settings.log.formatter) ?? .text,
            fields: settings.log.fields,
            level: settings.logLevel,
            to: .standardError
        )
    }
}

extension [HealthCheck] {
    /// The checks of files and other servers in the configuration.
    fileprivate init(_ settings: HealthSettings) {
        let usual = HealthCheck.usualInterval
        self = settings.files.map { .file($0.path, every: $0.schedule.interval ?? usual) }
        for server in settings.httpServers {
            let headers = server.headers.sorted { $0.key < $1.key }.flatMap { name, values in
                values.map { (name, $0) }
            }
            append(
                .http(
                    server.address,
                    headers: headers,
                    status: server.status,
                    timeout: server.schedule.timeout,
                    every: server.schedule.interval ?? usual,
                    threshold: server.schedule.threshold
                )
            )
        }
        for server in settings.tcpServers {
            append(
                .tcp(
                    server.address,
                    timeout: server.schedule.timeout,
                    every: server.schedule.interval ?? usual,
                    threshold: server.schedule.threshold
                )
            )
        }
    }
}
