import HTTPTypes

/// One of the interfaces that are served side by side on one port.
protocol RegistryAPI: Sendable {
    /// Takes a request, if its path is this API's.
    ///
    /// - Parameter path: The path below the server's prefix, beginning with a slash, percent-encoded.
    func call(for request: RegistryRequest, at path: String) -> (any APICall)?
}

/// A request that an API has taken: what it needs, how it is answered, and how a refusal is put into the API's words.
protocol APICall: Sendable {
    /// What the sender must be allowed to do.
    var requirement: AccessRequirement { get }

    /// How clients of the API say who they are.
    var login: LoginProtocol { get }

    /// Whether the response is short work, which may be done where the connection is: on its event loop.
    var isShort: Bool { get }

    /// The response to OPTIONS, which needs no login.
    var options: RegistryResponse { get }

    /// The response to the request.
    ///
    /// - Parameter caller: Who sent it. They meet ``requirement``.
    func respond(to caller: Caller) async throws -> RegistryResponse

    /// The response that says what was refused, or that something failed.
    func respond(toFailure error: any Error) -> RegistryResponse
}

/// Returns to requests that no API takes. They need no login, whatever the operator chose.
extension RegistryResponse {
    /// - Parameter path: The path below the server's prefix; nil where it is not below that.
    init(ofNoAPI request: RegistryRequest, at path: String?) {
        switch request.method {
        case .options:
            self.init(.noContent)
            headers[.allow] = Self.allow([.get, .head])
        case .get where request.path == "/" || path == "/", .head where request.path == "/" || path == "/":
            // As registry:2 answers: load balancers and Kubernetes ask there whether the server runs.
            self.init(.ok, headers: [.cacheControl: "no-cache"])
        default: self.init(v1Page: .notFound)
        }
    }

    /// The value of Allow for these methods.
    ///
    /// OPTIONS is answered everywhere: a browser asks by it whether a page of another origin may send a request. It sends
    /// no credentials with that, and wants a status of success and the headers that the operator chose (`http.headers`).
    static func allow(_ methods: [HTTPRequest.Method]) -> String {
        (methods + [.options]).map(\.rawValue).joined(separator: ", ")
    }
}

/// What was asked for is there, but not by this method.
struct MethodNotAllowed: Error, Equatable {
    /// The method that was used.
    let method: HTTPRequest.Method
    /// Those that could have been.
    let allowed: [HTTPRequest.Method]
}

/// Refuses a method that what was asked for does not have.
func allow(_ methods: [HTTPRequest.Method], _ request: RegistryRequest) throws(MethodNotAllowed) {
    guard methods.contains(request.method) else {
        throw MethodNotAllowed(method: request.method, allowed: methods)
    }
}
