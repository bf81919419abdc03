import HTTPTypes
package import Logging

/// Is notified of each request when its response has ended.
package protocol RequestObserver: Sendable {
    /// Called for each request on an arbitrary thread, before the connection's next one is handled.
    func requestEnded(_ record: RequestRecord)
}

/// A request and the outcome of its response.
package struct RequestRecord: Sendable {
    /// The request. Its body was read or discarded.
    package let request: RegistryRequest
    /// The status of the response.
    package let status: Int
    /// The bytes of the body that were passed to the system.
    package let byteCount: Int64
    /// Whether that was the whole body.
    package let isComplete: Bool
    /// The time from the request's head to the response's end.
    package let duration: Duration
}

/// Only part of a response's body could be sent.
struct ResponseCut: Error {
    /// The bytes of the body that were passed to the system.
    let byteCount: Int64
    /// The error that ended it.
    let reason: any Error
}

/// Logs a line for each request. It contains no credentials.
package struct AccessLog: RequestObserver {
    private let logger: Logger

    /// - Parameter logger: Receives the lines, at level `info`.
    package init(_ logger: Logger) { self.logger = logger }

    package func requestEnded(_ record: RequestRecord) {
        let request = record.request
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)",
                "path": "\(request.target)",
                "status": "\(record.status)",
                "bytes": record.isComplete ? "\(record.byteCount)" : "incomplete",
                "milliseconds": "\(record.duration / .milliseconds(1))",
                "remote": "\(request.remoteAddress ?? "")",
                "agent": "\(request.headers[.userAgent] ?? "")",
            ]
        )
    }
}
