import HTTPTypes

/// How a client reached the proxy before this server, as far as the proxy says.
///
/// RFC 7239, `Forwarded`, and the `X-Forwarded-` headers that came before it, which registry:2 prefers. Of several
/// proxies the one nearest to the client counts.
struct ForwardedClient: Equatable {
    /// `http` or `https`.
    let scheme: String?
    /// The host that the client asked for, with its port if that is not the protocol's.
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

    /// The parameters of the first element; names in lowercase.
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
