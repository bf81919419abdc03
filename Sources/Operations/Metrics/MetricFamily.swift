/// The description of a metric with all its series.
///
/// The names, labels and buckets of those that begin with `registry_` are registry:2.8's, so that its dashboards work.
package struct MetricFamily: Sendable {
    /// The kind of a metric.
    enum Kind: Sendable {
        case counter
        case gauge
        /// With the upper bounds of its buckets, in ascending order.
        case histogram([Double])

        /// Its name in the text format.
        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// The name.
    let name: String
    /// One sentence for operators.
    let help: String
    let kind: Kind

    /// The number of lines that one series takes.
    var lineCount: Int {
        switch kind {
        case .counter, .gauge: 1
        // The buckets, the one without a bound, the sum and the number.
        case .histogram(let bounds): bounds.count + 3
        }
    }

    /// Seconds that requests and calls take: the default of Prometheus's client library.
    private static let seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// The same, up to long pushes.
    private static let requestSeconds = seconds + [25, 60]
    /// Powers of two from 1 KiB to 2 GiB.
    private static let sizes = (10...31).map { Double(1 << $0) }

    /// All metrics, by name.
    static let all: [String: MetricFamily] = Dictionary(
        (distribution + ours + process).map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    /// Those of registry:2.
    private static let distribution = [
        MetricFamily(
            name: "registry_http_in_flight_requests",
            help: "The in-flight HTTP requests",
            kind: .gauge
        ),
        MetricFamily(
            name: "registry_http_request_duration_seconds",
            help: "The HTTP request latencies in seconds.",
            kind: .histogram(requestSeconds)
        ),
        MetricFamily(
            name: "registry_http_request_size_bytes",
            help: "The HTTP request sizes in bytes.",
            kind: .histogram(sizes)
        ),
        MetricFamily(
            name: "registry_http_response_size_bytes",
            help: "The HTTP response sizes in bytes.",
            kind: .histogram(sizes)
        ),
        MetricFamily(
            name: "registry_http_requests_total",
            help: "Total number of HTTP requests made.",
            kind: .counter
        ),
        MetricFamily(
            name: "registry_notifications_events_total",
            help: "The number of total events",
            kind: .counter
        ),
        MetricFamily(
            name: "registry_notifications_pending_total",
            help: "The gauge of pending events in queue",
            kind: .gauge
        ),
        MetricFamily(
            name: "registry_notifications_status_total",
            help: "The number of status code",
            kind: .counter
        ),
        MetricFamily(
            name: "registry_storage_action_seconds",
            help: "The number of seconds that the storage action takes",
            kind: .histogram(seconds)
        ),
        MetricFamily(
            name: "registry_storage_cache_total",
            help: "The number of cache request received",
            kind: .counter
        ),
    ]

    /// Those that only Longshore has.
    private static let ours = [
        gauge("longshore_build_info", "1, labeled with the version."),
        counter("longshore_client_requests_total", "Requests by the client's era and the protocol it spoke."),
        counter("longshore_changes_total", "Changes of content by clients, by kind."),
        counter("longshore_logins_refused_total", "Logins refused for a wrong user or password."),
        counter("longshore_malformed_requests_total", "Connections closed because no request arrived on them."),
        counter("longshore_conversions_total", "v1 images converted to v2, by result."),
        counter("longshore_derivations_total", "Manifests converted for clients of another era, by form and result."),
        counter("longshore_collections_total", "Garbage collections, by result."),
        counter("longshore_collection_removed_blobs_total", "Blobs removed by garbage collection."),
        counter("longshore_collection_freed_bytes_total", "Bytes freed by garbage collection."),
        gauge("longshore_collection_last_success_timestamp_seconds", "When a garbage collection last succeeded."),
        gauge("longshore_collection_last_duration_seconds", "How long the last garbage collection took."),
        counter("longshore_verifications_total", "Verifications of everything stored, by result."),
        counter("longshore_verified_bytes_total", "Bytes read and verified."),
        gauge("longshore_damaged_objects", "Damaged objects found by the last verification."),
        gauge("longshore_verification_last_success_timestamp_seconds", "When a verification last succeeded."),
        gauge("longshore_uploads_open", "v2 uploads in progress."),
        gauge("longshore_storage_lock_held", "1 if this server holds the lock of its directory."),
        gauge("longshore_storage_free_bytes", "Bytes free for the registry on its file system."),
        gauge("longshore_health_check_healthy", "1 if the check passes, by its name."),
        counter("longshore_log_lines_lost_total", "Log lines that could not be written in time."),
        counter("longshore_notifications_dropped_total", "Notifications given up: too many, or too old."),
        counter("longshore_metric_series_dropped_total", "Series left out of this page because there are too many."),
    ]

    /// Those that every program with a Prometheus client library has.
    private static let process = [
        counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds."),
        gauge("process_resident_memory_bytes", "Resident memory size in bytes."),
        gauge("process_open_fds", "Number of open file descriptors."),
        gauge("process_max_fds", "Maximum number of open file descriptors."),
        gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds."),
    ]

    private static func counter(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .counter)
    }

    private static func gauge(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .gauge)
    }
}
