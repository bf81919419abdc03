package import HTTPTypes

/// A request as received: nothing is interpreted except for splitting its target.
package struct RegistryRequest: Sendable {
    /// The method, in the case used by the client.
    package let method: HTTPRequest.Method
    /// The request target exactly as sent: path and query.
    package let target: String
    /// The target's path, still percent-encoded.
    package let path: String
    /// The target's query, decoded.
    package let query: QueryItems
    /// The header fields in order, including `Host`.
    package let headers: HTTPFields
    /// The body, which can be read once.
    package let body: RequestBody
    /// The version of HTTP, as access logs write it: `HTTP/1.1`.
    package let version: String
    /// Whether it was sent over TLS.
    package let isEncrypted: Bool
    /// The peer's IP address without its port; nil when the peer is already gone.
    package let remoteAddress: String?
    /// What is learned about the request while it is handled.
    package let context: RequestContext

    /// Creates a request. Of a target in absolute form (`http://host/path`, from clients that take this server for a
    /// proxy) only the path is used.
    ///
    /// - Parameter observers: Notified when its handler is known.
    package init(
        method: HTTPRequest.Method,
        target: String,
        headers: HTTPFields = [:],
        body: RequestBody = RequestBody(),
        version: String = "HTTP/1.1",
        isEncrypted: Bool = false,
        remoteAddress: String? = nil,
        observers: [any RequestObserver] = []
    ) {
        let resource = Self.originForm(target)
        let mark = resource.utf8.firstIndex(of: UInt8(ascii: "?"))
        self.method = method
        self.target = target
        self.path = String(resource[..<(mark ?? resource.endIndex)])
        self.query = QueryItems(parsing: mark.map { resource[resource.utf8.index(after: $0)...] } ?? "")
        self.headers = headers
        self.body = body
        self.version = version
        self.isEncrypted = isEncrypted
        self.remoteAddress = remoteAddress
        self.context = RequestContext(id: headers[.requestID], observers: observers)
    }

    /// The `Host` field: the client's name for this server, with any nonstandard port; nil when missing or empty.
    package var host: String? {
        headers.first { $0.name.canonicalName == "host" }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    private static func originForm(_ target: String) -> Substring {
        guard let first = target.utf8.first, first != UInt8(ascii: "/") else { return target[...] }
        guard let scheme = ["http://", "https://"].first(where: target.hasPrefix) else { return target[...] }
        let afterScheme = target.dropFirst(scheme.count)
        guard let path = afterScheme.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
        return afterScheme[path...]
    }
}

/// Responds to every request that reaches the server.
package protocol RegistryResponder: Sendable {
    /// Responds to `request`. Called once per request; requests of one connection are handled one after the other.
    ///
    /// The body may be left unread: the server discards the rest of it, or closes the connection after the response if
    /// much is left. It must not be read after this method returns.
    func respond(_ request: RegistryRequest) async -> RegistryResponse
}
