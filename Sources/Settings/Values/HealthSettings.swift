/// The debug address: `http.debug`.
package struct DebugSettings: Sendable {
    /// Where it listens.
    package var address: String
    /// The path of the metrics; nil to serve none.
    package var metricsPath: String?

    /// Nil without an address.
    init?(_ reader: ValueReader) {
        guard let address = reader.text("http.debug.addr") else { return nil }
        self.address = address
        let path = reader.text("http.debug.prometheus.path") ?? "/metrics"
        metricsPath = reader.flag("http.debug.prometheus.enabled") ? path : nil
    }
}

/// The health checks: `health`.
package struct HealthSettings: Sendable {
    /// How often something is checked.
    package struct Schedule: Hashable, Sendable {
        /// The time between two checks; nil for the usual one.
        package var interval: Duration?
        /// How often in a row a check must fail before it counts.
        package var threshold: Int
        /// How long a check may take; nil for the usual time.
        package var timeout: Duration?
    }

    /// A file that must not exist: an element of `health.file`.
    package struct FileCheck: Hashable, Sendable {
        /// Its path.
        package var path: String
        /// When it is checked.
        package var schedule: Schedule
    }

    /// A server that must respond: an element of `health.http`.
    package struct HTTPCheck: Hashable, Sendable {
        /// The address of a resource.
        package var address: String
        /// Header fields to send.
        package var headers: [String: [String]]
        /// The expected status.
        package var status: Int
        /// When it is checked.
        package var schedule: Schedule
    }

    /// A server that must accept connections: an element of `health.tcp`.
    package struct TCPCheck: Hashable, Sendable {
        /// Its address: `host:port`.
        package var address: String
        /// When it is checked.
        package var schedule: Schedule
    }

    /// The check of the storage: `health.storagedriver`; nil for that of its directory's presence alone.
    package var storage: Schedule?
    /// The files.
    package var files: [FileCheck]
    /// The HTTP servers.
    package var httpServers: [HTTPCheck]
    /// The TCP servers.
    package var tcpServers: [TCPCheck]

    init(_ reader: ValueReader) {
        let place = "health.storagedriver"
        if reader.flag("\(place).enabled") {
            storage = Schedule(
                interval: reader.duration("\(place).interval"),
                threshold: reader.number("\(place).threshold"),
                timeout: nil
            )
        }
        files = Self.elements(reader, "health.file", "file").map {
            FileCheck(path: $0, schedule: Schedule($1))
        }
        httpServers = Self.elements(reader, "health.http", "uri").map { address, element in
            let headers = (element["headers"]?.members ?? []).map { ($0.key, $0.value.texts) }
            return HTTPCheck(
                address: address,
                headers: Dictionary(headers) { $1 },
                status: element["statuscode"]?.texts.first.flatMap { Int($0) } ?? 200,
                schedule: Schedule(element)
            )
        }
        tcpServers = Self.elements(reader, "health.tcp", "addr").map {
            TCPCheck(address: $0, schedule: Schedule($1))
        }
    }

    /// The elements of a list, with what they name. registry:2 ignores those that name nothing.
    private static func elements(
        _ reader: ValueReader,
        _ key: String,
        _ name: String
    ) -> [(String, ConfigurationEntry)] {
        guard case .list(let elements) = reader.entry(key)?.content else { return [] }
        return elements.compactMap { element in
            if case .text(let text) = element.content, !text.isEmpty { return (text, element) }
            guard let text = element[name]?.texts.first, !text.isEmpty else { return nil }
            return (text, element)
        }
    }
}

extension HealthSettings.Schedule {
    fileprivate init(_ element: ConfigurationEntry) {
        func duration(_ name: String) -> Duration? {
            element[name]?.texts.first.flatMap { GoDuration(parsing: $0) }?.duration
        }
        interval = duration("interval")
        threshold = element["threshold"]?.texts.first.flatMap { Int($0) } ?? 1
        timeout = duration("timeout")
    }
}
