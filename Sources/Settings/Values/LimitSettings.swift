/// Limits for all clients together: `http.limits`.
package struct LimitSettings: Sendable {
    /// The most concurrent connections; nil for two thirds of the open-files limit.
    package var connectionCount: Int?
    /// The most concurrent HTTP/2 requests.
    package var streamCount: Int
    /// The most open v2 uploads.
    package var uploadCount: Int
    /// The most unfinished images of v1 pushes.
    package var begunImageCount: Int

    init(_ reader: ValueReader) {
        connectionCount = reader.text("http.limits.connections").flatMap { Int($0) }
        streamCount = reader.number("http.limits.streams")
        uploadCount = reader.number("http.limits.uploads")
        begunImageCount = reader.number("http.limits.images")
    }
}

/// Limits for the conversion of one layer: `layers`.
package struct LayerSettings: Sendable {
    /// The most bytes that a layer may expand to: `layers.maxsize`, in GiB.
    package var outputByteCount: Int64
    /// The most that a layer may expand beyond 4 GiB, as a multiple of its size: `layers.maxexpansion`.
    package var expansion: Int64
    /// The most time that a layer may take: `layers.maxtime`.
    package var time: Duration

    init(_ reader: ValueReader) {
        outputByteCount = Int64(reader.number("layers.maxsize")) << 30
        expansion = Int64(reader.number("layers.maxexpansion"))
        time = reader.duration("layers.maxtime")
    }
}

/// Logging: `log`.
package struct LogSettings: Sendable {
    /// The lowest level to log: `error`, `warn`, `info` or `debug`.
    package var level: String
    /// How lines are written: `text`, `json` or `logstash`.
    package var formatter: String
    /// The fields added to every line.
    package var fields: [String: String]
    /// Whether each request is logged.
    package var logsRequests: Bool
    /// The form of a request's line: `fields` or `combined`.
    package var requestFormat: String
    /// Where changes are recorded: the path of a file, or `stdout`; nil for nowhere.
    package var audit: String?

    init(_ reader: ValueReader) {
        level = reader.word("log.level") ?? reader.word("loglevel") ?? "info"
        formatter = reader.word("log.formatter") ?? "text"
        let members = reader.entry("log.fields")?.members ?? []
        fields = Dictionary(members.map { ($0.key, $0.value.texts.first ?? "") }) { $1 }
        logsRequests = !reader.flag("log.accesslog.disabled")
        requestFormat = reader.word("log.accesslog.format") ?? "fields"
        audit = reader.text("log.audit")
    }
}
