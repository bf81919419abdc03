/// The HTTP server: `http`.
package struct HTTPSettings: Sendable {
    /// The address to listen on: `HOST:PORT`, or the path of a socket.
    package var address: String
    /// Whether the address is a socket path: `net: unix`.
    package var isUnixSocket: Bool
    /// The external URL of the registry; nil to derive it from each request.
    package var host: String?
    /// The path prefix of all requests.
    package var prefix: String
    /// Whether Location headers contain only paths.
    package var usesRelativeURLs: Bool
    /// How long running requests may take during a shutdown.
    package var drainTimeout: Duration
    /// Limits for all clients together.
    package var limits: LimitSettings
    /// Header fields of every response.
    package var headers: [(name: String, value: String)]
    /// Whether there is a web page; nil if not set.
    package var isPageEnabled: Bool?
    /// Encryption of connections; nil for none.
    package var tls: TLSSettings?
    /// Metrics and health on an address of their own: `http.debug`; nil for none.
    package var debug: DebugSettings?

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
        isPageEnabled = reader.text("http.ui.enabled").flatMap(ValueKind.flag)
        tls = TLSSettings(reader)
        debug = DebugSettings(reader)
    }

    /// With a slash at both ends.
    private static func prefix(_ text: String) -> String {
        let inner = text.split(separator: "/").joined(separator: "/")
        return inner.isEmpty ? "/" : "/\(inner)/"
    }
}

/// Who gets the web page.
package enum PageAudience: Sendable {
    /// Nobody: there is none.
    case nobody
    /// Clients that no proxy speaks for.
    case direct
    /// Everybody.
    case everybody
}

extension RegistrySettings {
    /// Who gets the web page.
    ///
    /// Unless set, it is there where it cannot be a way around somebody else's logins: where this server checks
    /// passwords itself, or where nobody asks for any. The latter cannot be seen through a proxy, nor on a socket's
    /// path, which has a proxy before it.
    package var pageAudience: PageAudience {
        switch (http.isPageEnabled, authentication) {
        case (true?, _), (nil, .htpasswd?): .everybody
        case (nil, nil) where access == nil && !http.isUnixSocket: .direct
        case (false?, _), (nil, _): .nobody
        }
    }
}
