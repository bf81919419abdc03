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
