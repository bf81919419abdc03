/// How the server is reached: `http`.
package struct HTTPSettings: Sendable {
    /// Where it listens: `HOST:PORT`, or the path of a socket.
    package var address: String
    /// Whether the address is the path of a socket: `net: unix`.
    package var isUnixSocket: Bool
    /// The address by which clients reach it; nil to believe them.
    package var host: String?
    /// The path below which it answers.
    package var prefix: String
    /// Whether clients are told paths alone.
    package var usesRelativeURLs: Bool
    /// How long requests that have begun may take when the server is told to end.
    package var drainTimeout: Duration
    /// How much all clients together may take.
    package var limits: LimitSettings
    /// Header fields of every response.
    package var headers: [(name: String, value: String)]
    /// How connections are encrypted; nil for not at all.
    package var tls: TLSSettings?

    init(_ reader: ValueReader) {
        address = reader.text("http.addr") ?? ""
        isUnixSocket = reader.word("http.net") == "unix"
        host = reader.text("http.host")
        prefix = Self.prefix(reader.text("http.prefix") ?? "/")
        usesRelativeURLs = reader.flag("http.relativeurls")
        drainTimeout = reader.duration("http.draintimeout")
        limits = LimitSettings(reader)
        headers = (reader.entry("http.headers")?.members ?? []).flatMap { member in
            member.value.texts.map { (member.key, $0) }
        }
        tls = TLSSettings(reader)
    }

    /// With a slash at both ends.
    private static func prefix(_ text: String) -> String {
        let inner = text.split(separator: "/").joined(separator: "/")
        return inner.isEmpty ? "/" : "/\(inner)/"
    }
}
