package import RegistryCore
import Synchronization

/// What an operator wants to know of a running server: `longshore status`.
package final class ServerStatus: Sendable {
    private struct Work {
        var collection: (RegistryActivity.Collection, end: Int64)?
        var verification: (RegistryActivity.Verification, end: Int64)?
        var conversionCount = 0
        var failedConversionCount = 0
    }

    private let start = WallClock.now
    private let version: String
    private let metrics: PrometheusMetrics
    private let health: HealthChecks
    private let registry: Registry
    private let notifier: Notifier?
    private let work = Mutex(Work())

    package init(
        version: String,
        of registry: Registry,
        _ metrics: PrometheusMetrics,
        _ health: HealthChecks,
        _ notifier: Notifier? = nil
    ) {
        self.version = version
        self.notifier = notifier
        self.registry = registry
        self.metrics = metrics
        self.health = health
        registry.events.observe { [weak self] activity in self?.note(activity) }
    }

    private func note(_ activity: RegistryActivity) {
        work.withLock { work in
            switch activity {
            case .collection(let collection, _):
                if !collection.isDryRun { work.collection = (collection, WallClock.now) }
            case .verification(let verification): work.verification = (verification, WallClock.now)
            case .conversion: work.conversionCount += 1
            case .failedConversion: work.failedConversionCount += 1
            case .derivation: break
            }
        }
    }

    /// Whether all health checks pass.
    package var isHealthy: Bool { health.failures.isEmpty }

    /// The status, as names and values.
    package func rows() async -> [(name: String, value: String)] {
        let work = work.withLock { $0 }
        let now = WallClock.now
        let requests = metrics.values(of: "registry_http_requests_total")
        var rows: [(name: String, value: String)] = [
            ("version", version),
            ("running", Self.time(since: start, now)),
            ("health", health.failures.isEmpty ? "healthy" : "unhealthy"),
        ]
        for (name, reason) in health.failures.sorted(by: { $0.key < $1.key }) { rows.append(("  \(name)", reason)) }
        rows.append(("storage", registry.isReadOnly ? "read-only" : "writable"))
        let failures = requests.filter { $0.labels.text.contains("code=\"5") }
        rows.append(("requests", "\(Self.total(requests)), \(Self.total(failures)) of them failed here"))
        let inFlight = metrics.values(of: "registry_http_in_flight_requests")
        rows.append(("  in flight", "\(Self.total(inFlight))"))
        let clients = metrics.values(of: "longshore_client_requests_total")
        let v1 = clients.filter { $0.labels.text.contains("protocol=\"v1\"") }
        rows.append(("  by v1 clients", "\(Self.total(v1))"))
        let logins = metrics.values(of: "longshore_logins_refused_total")
        rows.append(("logins refused", "\(Self.total(logins))"))
        for queue in notifier?.queues ?? [] {
            rows.append(("notifications to \(queue.endpoint.name)", "\(queue.count) waiting"))
        }
        rows.append(("uploads open", "\(await registry.uploads.openCount)"))
        let conversions = "\(work.conversionCount), and \(work.failedConversionCount) failed"
        rows.append(("v1 images converted", conversions))
        rows.append(("last collection", work.collection.map { Self.line($0.0, $0.end, now) } ?? "none since the start"))
        let verification = work.verification.map { Self.line($0.0, $0.end, now) }
        rows.append(("last verification", verification ?? "none since the start"))
        return rows
    }

    private static func line(_ collection: RegistryActivity.Collection, _ end: Int64, _ now: Int64) -> String {
        let time = "\(time(since: end, now)) ago"
        guard collection.isComplete else { return "failed \(time); see the log" }
        return "\(time): removed \(collection.blobCount) blobs, \(collection.byteCount) bytes"
    }

    private static func line(_ verification: RegistryActivity.Verification, _ end: Int64, _ now: Int64) -> String {
        let time = "\(time(since: end, now)) ago"
        guard verification.isComplete else { return "ended early \(time); see the log" }
        return "\(time): \(verification.damageCount) damaged of \(verification.blobCount) blobs and "
            + "\(verification.layerCount) v1 layers"
    }

    private static func total(_ values: [(labels: MetricLabels, value: Double)]) -> Int64 {
        Int64(clamping: Int(values.reduce(0) { $0 + $1.value }.rounded()))
    }

    /// A span of time in its two largest units: `3 d 4 h`.
    static func time(since start: Int64, _ now: Int64) -> String {
        let seconds = max(0, now / 1_000_000_000 - start / 1_000_000_000)
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let significant = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return significant.isEmpty ? "0 s" : significant.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
