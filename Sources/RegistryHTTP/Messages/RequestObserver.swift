package import HTTPTypes

/// Is notified of each request, on an arbitrary thread. It must return quickly.
package protocol RequestObserver: Sendable {
    /// Called when an API begins to handle a request. Its end follows, whatever happens.
    ///
    /// - Parameter handler: The handler's name: ``APICall/handler``.
    func requestBegan(_ request: RegistryRequest, by handler: String)

    /// Called when the response to a request has ended, before the connection's next request is handled.
    func requestEnded(_ record: RequestRecord)

    /// Called when a client sends something that is not a request. The connection is closed.
    ///
    /// - Parameters:
    ///   - reason: What is wrong, without the client's words.
    ///   - address: The peer's IP address; nil for a client on a Unix socket.
    func requestWasMalformed(_ reason: String, from address: String?)
}

extension RequestObserver {
    package func requestBegan(_ request: RegistryRequest, by handler: String) {}
    package func requestWasMalformed(_ reason: String, from address: String?) {}
}

/// A request and the outcome of its response.
package struct RequestRecord: Sendable {
    /// The request. Its body was read or discarded.
    package let request: RegistryRequest
    /// The status of the response.
    package let status: Int
    /// The header fields of the response, except for those that the server adds.
    package let headers: HTTPFields
    /// The bytes of the body that were passed to the system.
    package let byteCount: Int64
    /// Whether that was the whole body.
    package let isComplete: Bool
    /// The time from the request's head to the response's end.
    package let duration: Duration

    /// The handler of the request; nil for a request that no API accepts.
    package var handler: String? { request.context.handler }
    /// The name that the client has logged in with; nil for an anonymous one.
    package var user: String? { request.context.user }
    /// The client's `User-Agent`.
    package var agent: String? { request.headers[.userAgent] }
}

/// Only part of a response's body could be sent.
struct ResponseCut: Error {
    /// The bytes of the body that were passed to the system.
    let byteCount: Int64
    /// The error that ended it.
    let reason: any Error
}
