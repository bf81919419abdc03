import HTTPTypes
import NIOCore
import RegistryHTTP
import SystemLibraries

/// Makes sure that a form was sent by one of our pages, in the browser that the page was made for.
struct FormGuard: Sendable {
    private let secret = MessageAuthentication()
    private let locations: LocationPolicy

    /// The size limit of a form, in bytes.
    private static let byteLimit = 16 << 10

    init(_ locations: LocationPolicy) { self.locations = locations }

    /// The token for the forms of a page, bound to a cookie of the browser.
    func token(for cookie: String) -> String { Base64URL.encode(secret.code(for: Array("form \(cookie)".utf8))) }

    /// Reads a form.
    ///
    /// - Parameter cookie: The cookie that its token must be bound to.
    /// - Throws: ``ForgedForm`` unless the token and the origin are right; `BodyTooLarge`.
    func read(_ request: RegistryRequest, boundTo cookie: String?) async throws -> QueryItems {
        guard isFromHere(request) else { throw ForgedForm.origin }
        let items = try await request.body.withDocument(upTo: Self.byteLimit) { bytes in
            QueryItems(parsing: String(buffer: bytes))
        }
        guard let cookie, let code = Base64URL.decode(items["token"] ?? ""),
            secret.isValid(code, for: Array("form \(cookie)".utf8))
        else { throw ForgedForm.token }
        return items
    }

    /// Whether the page that sent the request is this server's, as its `Origin` says.
    ///
    /// A proxy that ends TLS may not say so: then the page's address has https, and ours http.
    func isFromHere(_ request: RegistryRequest) -> Bool {
        guard let origin = request.headers[.formOrigin]?.lowercased() else { return false }
        guard let own = ownOrigin(for: request) else { return false }
        return origin == own || (own.hasPrefix("http://") && origin == "https://" + own.dropFirst("http://".count))
    }

    /// Whether the browser reaches this server over TLS.
    func isEncrypted(_ request: RegistryRequest) -> Bool {
        ownOrigin(for: request)?.hasPrefix("https://") == true
            || request.headers[.formOrigin]?.hasPrefix("https://") == true
    }

    private func ownOrigin(for request: RegistryRequest) -> String? {
        let address = locations.address(of: "/", for: request).lowercased()
        guard let scheme = ["https://", "http://"].first(where: address.hasPrefix) else { return nil }
        var authority = address.dropFirst(scheme.count).prefix { $0 != "/" }
        let usualPort = scheme == "https://" ? ":443" : ":80"
        if authority.hasSuffix(usualPort) { authority = authority.dropLast(usualPort.count) }
        return scheme + authority
    }
}

/// A form that none of our pages sent, or a page whose session has ended.
enum ForgedForm: Error {
    case origin
    case token

    /// What to tell the person.
    var sentence: String {
        switch self {
        case .origin: "This form was sent by a page of another server. If a proxy is in front, set http.host."
        case .token: "This form is no longer valid: your session has ended. Go back, load the page again, and repeat."
        }
    }
}
