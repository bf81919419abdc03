import HTTPTypes

/// How clients are told where something on this server is.
package struct LocationPolicy: Sendable {
    /// Whether they are told the path alone, unless ``host`` is set: `http.relativeurls`. Docker 1.6 follows nothing but
    /// whole addresses.
    package var isRelative = false
    /// The address that clients reach this server by, such as `https://example.com`: `http.host`. Nil to believe them,
    /// and the proxy that they come through.
    package var host: String?
    /// The path below which the server answers, with a slash at both ends: `http.prefix`.
    package var prefix = "/"

    package init() {}

    /// The path behind the prefix, beginning with a slash; nil when it is not below the prefix.
    func path(of request: RegistryRequest) -> String? {
        if prefix == "/" { return request.path }
        guard request.path.hasPrefix(prefix) else { return nil }
        return "/" + request.path.dropFirst(prefix.count)
    }

    /// The location of `path`, which begins with a slash, for the client that sent `request`.
    func location(of path: String, for request: RegistryRequest) -> String {
        isRelative && host == nil ? link(to: path) : address(of: path, for: request)
    }

    /// Where the next page of a list is, as registry:2 says it: the path alone.
    func link(to path: String) -> String { prefix.dropLast() + path }

    /// The host and port that clients reach this server by, where the operator or the client says it.
    func authority(for request: RegistryRequest) -> String? {
        guard let host else { return request.host }
        let behindScheme = host.firstRange(of: "://").map { host[$0.upperBound...] } ?? host[...]
        return String(behindScheme.prefix { $0 != "/" })
    }

    /// The whole address of `path`, which begins with a slash, whatever ``isRelative`` says: for what is no location.
    func address(of path: String, for request: RegistryRequest) -> String {
        address(ofRoot: prefix.dropLast() + path, for: request)
    }

    /// The whole address of `path`, which may be outside of the prefix.
    func address(ofRoot path: String, for request: RegistryRequest) -> String {
        if let host { return (host.hasSuffix("/") ? String(host.dropLast()) : host) + path }
        let proxy = ForwardedClient(request.headers)
        guard let host = proxy.host ?? request.host else { return path }
        let scheme = proxy.scheme ?? (request.isEncrypted ? "https" : "http")
        return "\(scheme)://\(host)\(path)"
    }
}
