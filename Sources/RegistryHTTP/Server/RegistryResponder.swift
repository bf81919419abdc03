/// Answers every request that reaches the server.
package protocol RegistryResponder: Sendable {
    /// The answer to `request`. The server calls this once a request, one request after the other on each connection.
    ///
    /// The body may be left unread: the server then discards the rest of it, or closes the connection after the answer
    /// when there is much of it. It must not be read after this method has returned.
    func answer(_ request: RegistryRequest) async -> HTTPAnswer
}
