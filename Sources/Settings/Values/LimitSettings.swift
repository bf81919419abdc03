/// How much all clients together may take: `http.limits`.
package struct LimitSettings: Sendable {
    /// The most connections at once; nil for two thirds of the files that may be open.
    package var connectionCount: Int?
    /// The most requests of HTTP/2 that are under way at once.
    package var streamCount: Int
    /// The most uploads of v2 that are open at once.
    package var uploadCount: Int
    /// The most images that v1 clients have begun and not ended.
    package var begunImageCount: Int

    init(_ reader: ValueReader) {
        connectionCount = reader.text("http.limits.connections").flatMap { Int($0) }
        streamCount = reader.number("http.limits.streams")
        uploadCount = reader.number("http.limits.uploads")
        begunImageCount = reader.number("http.limits.images")
    }
}

/// How much work one layer may be that a client asks for in another form than it was pushed in: `layers`.
package struct LayerSettings: Sendable {
    /// The most bytes that may come out of a layer: `layers.maxsize`, in GiB.
    package var outputByteCount: Int64
    /// How many times its own size may come out of one, beyond the first 4 GiB: `layers.maxexpansion`.
    package var expansion: Int64
    /// How long one may be worked on: `layers.maxtime`.
    package var time: Duration

    init(_ reader: ValueReader) {
        outputByteCount = Int64(reader.number("layers.maxsize")) << 30
        expansion = Int64(reader.number("layers.maxexpansion"))
        time = reader.duration("layers.maxtime")
    }
}

/// What is logged, and how: `log`.
package struct LogSettings: Sendable {
    /// The least that is logged: `error`, `warn`, `info` or `debug`.
    package var level: String
    /// Whether a line is a JSON object.
    package var isJSON: Bool
    /// What stands in every line.
    package var fields: [String: String]
    /// Whether there is a line for each request.
    package var logsRequests: Bool

    init(_ reader: ValueReader) {
        level = reader.word("log.level") ?? reader.word("loglevel") ?? "info"
        isJSON = ["json", "logstash"].contains(reader.word("log.formatter"))
        let members = reader.entry("log.fields")?.members ?? []
        fields = Dictionary(members.map { ($0.key, $0.value.texts.first ?? "") }) { $1 }
        logsRequests = !reader.flag("log.accesslog.disabled")
    }
}
