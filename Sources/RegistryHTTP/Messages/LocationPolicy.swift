import HTTPTypes

/// The form of URLs in responses.
package struct LocationPolicy: Sendable {
    /// Whether to send only paths, unless ``host`` is set: `http.relativeurls`. Docker 1.6 follows only absolute URLs.
    package var isRelative = false
    /// The external URL of this server, such as `https://example.com`: `http.host`. Nil to derive it from each request
    /// and the proxy it came through.
    package var host: String?
    /// The path prefix of all requests, with a slash at both ends: `http.prefix`.
    package var prefix = "/"

    package init() {}

    /// The path after the prefix, beginning with a slash; nil for a path without the prefix.
    func path(of request: RegistryRequest) -> String? {
        if prefix == "/" { return request.path }
        guard request.path.hasPrefix(prefix) else { return nil }
        return "/" + request.path.dropFirst(prefix.count)
    }

    /// The location of `path`, which begins with a slash, for the client that sent `request`.
    func location(of path: String, for request: RegistryRequest) -> String {
        isRelative && host == nil ? link(to: path) : address(of: path, for: request)
    }

    /// The link to the next page of a list: only the path, as in registry:2.
    func link(to path: String) -> String { prefix.dropLast() + path }

    /// The host and port of this server, as given by the operator or the client.
    package func authority(for request: RegistryRequest) -> String? {
        guard let host else { return request.host }
        let behindScheme = host.firstRange(of: "://").map { host[$0.upperBound...] } ?? host[...]
        return String(behindScheme.prefix { $0 != "/" })
    }

    /// The absolute URL of `path`, which begins with a slash, regardless of ``isRelative``.
    package func address(of path: String, for request: RegistryRequest) -> String {
        address(ofRoot: prefix.dropLast() + path, for: request)
    }

    /// The absolute URL of `path`, which may be outside the prefix.
    func address(ofRoot path: String, for request: RegistryRequest) -> String {
        if let host { return (host.hasSuffix("/") ? String(host.dropLast()) : host) + path }
        let proxy = ForwardedClient(request.headers)
        guard let host = proxy.host ?? request.host else { return path }
        let scheme = proxy.scheme ?? (request.isEncrypted ? "https" : "http")
        return "\(scheme)://\(host)\(path)"
    }
}
