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

    /// Whether the answer is short work, which may be done where the connection is: on its event loop.
    var isShort: Bool { get }

    /// The answer to OPTIONS, which needs no login.
    var options: HTTPAnswer { get }

    /// The answer to the request.
    ///
    /// - Parameter visitor: Who sent it. They meet ``requirement``.
    func answer(to visitor: Visitor) async throws -> HTTPAnswer

    /// The answer that says what was refused, or that something failed.
    func answer(toFailure error: any Error) -> HTTPAnswer
}
