import HTTPTypes

/// One of the APIs served side by side on one port.
package protocol RegistryAPI: Sendable {
    /// Returns a call if the request's path belongs to this API.
    ///
    /// - Parameter path: The path after the server's prefix, beginning with a slash, percent-encoded.
    func call(for request: RegistryRequest, at path: String) -> (any APICall)?

    /// Whether it serves `/` to the clients whose `Accept` says so, and leaves it to the other APIs for the rest.
    var sharesRoot: Bool { get }
}

extension RegistryAPI {
    package var sharesRoot: Bool { false }
}

/// A request accepted by an API: its requirement, its response, and the API's form for errors.
package protocol APICall: Sendable {
    /// What the caller must be allowed to do.
    var requirement: AccessRequirement { get }

    /// How clients of the API authenticate.
    var login: LoginProtocol { get }

    /// The handler's name, for metrics: one of a small fixed set.
    var handler: String { get }

    /// Whether producing the response is short work that may run on the connection's event loop.
    var isShort: Bool { get }

    /// The response to OPTIONS, which needs no login.
    var options: RegistryResponse { get }

    /// Responds to the request.
    ///
    /// - Parameter caller: The sender, who satisfies ``requirement``.
    func respond(to caller: Caller) async throws -> RegistryResponse

    /// The response for a refusal or a failure.
    func respond(to failure: RequestFailure) -> RegistryResponse
}

extension APICall {
    /// The name of handlers that need not be told apart.
    package var handler: String { "other" }
}

/// Responses to requests outside all APIs. They never need a login.
extension RegistryResponse {
    /// - Parameter path: The path after the server's prefix; nil for a path without that prefix.
    init(ofNoAPI request: RegistryRequest, at path: String?) {
        switch request.method {
        case .options:
            self.init(.noContent)
            headers[.allow] = Self.allow([.get, .head])
        case .get where request.path == "/" || path == "/", .head where request.path == "/" || path == "/":
            // Like registry:2: load balancers and Kubernetes probe this path to see whether the server runs.
            self.init(.ok, headers: [.cacheControl: "no-cache"])
        default: self.init(v1Page: .notFound)
        }
    }

    /// The value of Allow for these methods.
    ///
    /// OPTIONS works on every path: browsers send it before a page of another origin may send a request. They send it
    /// without credentials, and expect a success status and the operator's headers (`http.headers`).
    static func allow(_ methods: [HTTPRequest.Method]) -> String {
        (methods + [.options]).map(\.rawValue).joined(separator: ", ")
    }
}

/// Tells whether the service is healthy enough to respond.
package protocol ServiceHealth: Sendable {
    /// Why requests are refused now, for their senders; nil if they are not.
    var refusal: String? { get }
}
