import HTTPTypes

/// How a client reached the proxy in front of this server, as reported by the proxy.
///
/// RFC 7239, `Forwarded`, and the older `X-Forwarded-` headers, which registry:2 prefers. With several proxies, the one
/// nearest to the client counts.
struct ForwardedClient: Equatable {
    /// `http` or `https`.
    let scheme: String?
    /// The host that the client requested, with the port unless it is the default.
    let host: String?

    init(_ headers: HTTPFields) {
        let parameters = Self.parameters(headers[.forwarded] ?? "")
        scheme = Self.first(headers[.forwardedProto]) ?? parameters["proto"]
        host = Self.first(headers[.forwardedHost]) ?? parameters["host"]
    }

    private static func first(_ list: String?) -> String? {
        guard let first = list?.split(separator: ",").first else { return nil }
        let value = first.filter { $0 != " " }
        return value.isEmpty ? nil : value
    }

    /// The parameters of the first element; names are in lower case.
    private static func parameters(_ header: String) -> [String: String] {
        let element = header.split(separator: ",").first ?? ""
        var parameters: [String: String] = [:]
        for pair in element.split(separator: ";") {
            let sides = pair.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { continue }
            let name = sides[0].filter { $0 != " " }.lowercased()
            let value = sides[1].filter { $0 != " " && $0 != "\"" }
            if !value.isEmpty { parameters[name] = value }
        }
        return parameters
    }
}

extension RegistryRequest {
    /// The client's address: the peer's, or as reported by a proxy on this machine. Other proxies are not trusted.
    package var clientAddress: String? {
        // A peer without an address connects through a local Unix socket.
        guard ["127.0.0.1", "::1", nil].contains(remoteAddress) else { return remoteAddress }
        // The proxy appended the last entry; the client may have forged the earlier ones.
        let forwarded = headers[values: .forwardedFor].last?.split(separator: ",").last ?? ""
        return IPAddress(forwarded.filter { $0 != " " })?.description ?? remoteAddress
    }
}
