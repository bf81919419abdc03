import CoreMetrics
import HTTPTypes
import RegistryCore
package import RegistryHTTP
import Synchronization

/// Counts and times requests.
package final class RequestMetrics: RequestObserver {
    /// What the series of a request are labeled with.
    private struct Outcome: Hashable {
        let handler: String
        let method: String
        let status: Int
    }

    /// The series of one outcome.
    private struct Series {
        let count: Counter
        let duration: CoreMetrics.Timer
        let requestSize: Recorder
        let responseSize: Recorder
    }

    private struct Audience: Hashable {
        let era: ClientEra
        let agentProtocol: String
    }

    /// What counts the requests of one outcome and agent.
    private struct Counters {
        let outcome: Outcome
        let agent: String
        let series: Series
        let client: Counter
    }

    private struct Known {
        /// The last different ones. Comparing a few texts takes less time than hashing one.
        var recent: [Counters] = []
        var outcomes: [Outcome: Series] = [:]
        var inFlight: [String: Meter] = [:]
        var audiences: [Audience: Counter] = [:]
        /// The eras of the agents seen last, which are long to parse.
        var eras: [String: ClientEra] = [:]
    }

    /// The label of requests that no API accepts.
    private static let noHandler = "none"
    /// registry:2's handlers, whose gauges it shows from the start.
    private static let handlers = [
        "base", "blob", "blob_upload", "blob_upload_chunk", "catalog", "manifest", "tags",
    ]
    private static let methods = [
        "GET": "get", "HEAD": "head", "PUT": "put", "POST": "post", "PATCH": "patch", "DELETE": "delete",
        "OPTIONS": "options",
    ]
    private static let recentLimit = 16
    private static let eraLimit = 512
    private static let longestAgent = 512

    private let known = Mutex(Known())
    private let metrics: PrometheusMetrics
    private let refusedLogins: Counter
    private let malformed: Counter

    package init(_ metrics: PrometheusMetrics) {
        self.metrics = metrics
        refusedLogins = Counter(label: "longshore_logins_refused_total", factory: metrics)
        malformed = Counter(label: "longshore_malformed_requests_total", factory: metrics)
        known.withLock { known in
            for handler in Self.handlers { known.inFlight[handler] = meter(of: handler) }
        }
    }

    package func requestBegan(_ request: RegistryRequest, by handler: String) {
        inFlight(handler).increment()
    }

    package func requestEnded(_ record: RequestRecord) {
        if let handler = record.handler { inFlight(handler).decrement() }
        if record.request.context.refusedLogin != nil { refusedLogins.increment() }
        let handler = record.handler ?? Self.noHandler
        let method = Self.methods[record.request.method.rawValue] ?? "unknown"
        let outcome = Outcome(handler: handler, method: method, status: record.status)
        let counters = known.withLock { self.counters(of: outcome, by: record.agent ?? "", &$0) }
        counters.series.count.increment()
        counters.series.duration.recordNanoseconds(record.duration.nanoseconds)
        counters.series.requestSize.record(record.request.approximateByteCount)
        counters.series.responseSize.record(record.byteCount)
        counters.client.increment()
    }

    private func counters(of outcome: Outcome, by agent: String, _ known: inout Known) -> Counters {
        if let recent = known.recent.first(where: { $0.outcome == outcome && $0.agent == agent }) { return recent }
        let counters = Counters(
            outcome: outcome,
            agent: agent,
            series: series(outcome, &known),
            client: audience(Self.era(agent, &known), outcome.handler, &known)
        )
        // Longer agents would be kept in memory.
        guard agent.utf8.count <= Self.longestAgent else { return counters }
        if known.recent.count >= Self.recentLimit { known.recent.removeFirst() }
        known.recent.append(counters)
        return counters
    }

    package func requestWasMalformed(_ reason: String, from address: String?) { malformed.increment() }

    private func inFlight(_ handler: String) -> Meter {
        known.withLock { known in
            if let meter = known.inFlight[handler] { return meter }
            let meter = meter(of: handler)
            known.inFlight[handler] = meter
            return meter
        }
    }

    private func meter(of handler: String) -> Meter {
        Meter(label: "registry_http_in_flight_requests", dimensions: [("handler", handler)], factory: metrics)
    }

    private func series(_ outcome: Outcome, _ known: inout Known) -> Series {
        if let series = known.outcomes[outcome] { return series }
        let handler = ("handler", outcome.handler)
        let method = ("method", outcome.method)
        let series = Series(
            count: Counter(
                label: "registry_http_requests_total",
                dimensions: [("code", "\(outcome.status)"), handler, method],
                factory: metrics
            ),
            duration: CoreMetrics.Timer(
                label: "registry_http_request_duration_seconds",
                dimensions: [handler, method],
                factory: metrics
            ),
            requestSize: Recorder(
                label: "registry_http_request_size_bytes",
                dimensions: [handler],
                factory: metrics
            ),
            responseSize: Recorder(
                label: "registry_http_response_size_bytes",
                dimensions: [handler],
                factory: metrics
            )
        )
        known.outcomes[outcome] = series
        return series
    }

    private func audience(_ era: ClientEra, _ handler: String, _ known: inout Known) -> Counter {
        let spoken = handler == Self.noHandler || handler == "other" ? "none" : handler.hasPrefix("v1_") ? "v1" : "v2"
        let audience = Audience(era: era, agentProtocol: spoken)
        if let counter = known.audiences[audience] { return counter }
        let counter = Counter(
            label: "longshore_client_requests_total",
            dimensions: [("era", era.rawValue), ("protocol", spoken)],
            factory: metrics
        )
        known.audiences[audience] = counter
        return counter
    }

    private static func era(_ agent: String, _ known: inout Known) -> ClientEra {
        if let era = known.eras[agent] { return era }
        // No client that has an era of its own sends such a long name.
        guard agent.utf8.count <= longestAgent else { return .other }
        let era = ClientEra(ClientAgent(agent))
        if known.eras.count >= eraLimit { known.eras = [:] }
        known.eras[agent] = era
        return era
    }
}

extension RegistryRequest {
    /// The size as registry:2's metrics count it: the head as sent, roughly, and the announced length of the body.
    fileprivate var approximateByteCount: Int64 {
        var count = Int64(target.utf8.count + method.rawValue.utf8.count + "HTTP/1.1".utf8.count)
        for field in headers { count += Int64(field.name.rawName.utf8.count + field.value.utf8.count) }
        return count.addingReportingOverflow(max(body.declaredByteCount ?? 0, 0)).partialValue
    }
}
