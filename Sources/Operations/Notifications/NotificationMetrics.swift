import CoreMetrics
import NIOHTTP1

/// Counts notifications, by the names of distribution 3, the first registry:2 that has such metrics.
struct NotificationMetrics: Sendable {
    /// The kinds of counts.
    enum Kind: String, CaseIterable {
        /// Notifications to send.
        case events = "Events"
        /// Accepted by the receiver.
        case successes = "Successes"
        /// Attempts that the receiver refused.
        case failures = "Failures"
        /// Attempts without a response.
        case errors = "Errors"
    }

    private static let eventsName = "registry_notifications_events_total"
    private static let pendingName = "registry_notifications_pending_total"
    private static let statusName = "registry_notifications_status_total"
    private static let droppedName = "longshore_notifications_dropped_total"

    private let metrics: PrometheusMetrics

    init(_ metrics: PrometheusMetrics) { self.metrics = metrics }

    /// Shows what a receiver does not have yet, and the other metrics from the start: a counter that begins with its
    /// first event hides that event from a rate.
    func follow(_ queue: NotificationQueue) {
        for kind in Kind.allCases { _ = counter(Self.eventsName, [("type", kind.rawValue)], queue.endpoint) }
        _ = counter(Self.droppedName, [], queue.endpoint)
        metrics.beforeRendering { [metrics] in
            metrics.set(Self.pendingName, Double(queue.count), [("endpoint", queue.endpoint.name)])
        }
    }

    func count(_ kind: Kind, of endpoint: NotificationEndpoint) {
        counter(Self.eventsName, [("type", kind.rawValue)], endpoint).increment()
    }

    /// Counts a response.
    func count(status: Int, of endpoint: NotificationEndpoint) {
        let code = "\(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)"
        counter(Self.statusName, [("code", code)], endpoint).increment()
    }

    /// Counts a notification that is never sent.
    func countDropped(by endpoint: NotificationEndpoint) { counter(Self.droppedName, [], endpoint).increment() }

    private func counter(_ name: String, _ labels: [(String, String)], _ endpoint: NotificationEndpoint) -> Counter {
        Counter(label: name, dimensions: labels + [("endpoint", endpoint.name)], factory: metrics)
    }
}
