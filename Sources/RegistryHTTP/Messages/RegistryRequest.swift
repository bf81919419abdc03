package import HTTPTypes

/// A request as it arrived: nothing is interpreted but the split of its target.
package struct RegistryRequest: Sendable {
    /// The method, in the case that the client used.
    package let method: HTTPRequest.Method
    /// The request target exactly as it was sent: path and query.
    package let target: String
    /// The target's path, still percent-encoded.
    package let path: String
    /// The target's query, decoded.
    package let query: QueryItems
    /// The header fields in their order, `Host` among them.
    package let headers: HTTPFields
    /// The body, to be read once.
    package let body: RequestBody
    /// Whether it came by TLS.
    package let isEncrypted: Bool
    /// The peer's IP address without its port; nil when the peer is already gone.
    package let remoteAddress: String?

    /// Takes a request apart; a target in absolute form (`http://host/path`, from a client that takes this server for
    /// a proxy) gives the path alone.
    package init(
        method: HTTPRequest.Method,
        target: String,
        headers: HTTPFields = [:],
        body: RequestBody = RequestBody(),
        isEncrypted: Bool = false,
        remoteAddress: String? = nil
    ) {
        let resource = Self.originForm(target)
        let mark = resource.utf8.firstIndex(of: UInt8(ascii: "?"))
        self.method = method
        self.target = target
        self.path = String(resource[..<(mark ?? resource.endIndex)])
        self.query = QueryItems(parsing: mark.map { resource[resource.utf8.index(after: $0)...] } ?? "")
        self.headers = headers
        self.body = body
        self.isEncrypted = isEncrypted
        self.remoteAddress = remoteAddress
    }

    /// The `Host` field: how the client calls this server, with its port if that is not the protocol's; nil for none, or an
    /// empty one.
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

/// Returns every request that reaches the server.
package protocol RegistryResponder: Sendable {
    /// The response to `request`. The server calls this once a request, one request after the other on each connection.
    ///
    /// The body may be left unread: the server then discards the rest of it, or closes the connection after the response
    /// when there is much of it. It must not be read after this method has returned.
    func respond(_ request: RegistryRequest) async -> RegistryResponse
}
