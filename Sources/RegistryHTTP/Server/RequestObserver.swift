import HTTPTypes
package import Logging

/// Learns of each request when its response has ended.
package protocol RequestObserver: Sendable {
    /// Takes note of a request, on no particular thread, before the next one of its connection is answered.
    func requestEnded(_ record: RequestRecord)
}

/// A request, and what became of its response.
package struct RequestRecord: Sendable {
    /// The request. Its body was read, or will never be.
    package let request: RegistryRequest
    /// The status of the response.
    package let status: Int
    /// How many bytes of the body were given to the system for sending.
    package let byteCount: Int64
    /// Whether these were all.
    package let isComplete: Bool
    /// How long it took from the request's head to the response's end.
    package let duration: Duration
}

/// Part of a body was sent, and the rest cannot be.
struct ResponseCut: Error {
    /// How many bytes of it were given to the system for sending.
    let byteCount: Int64
    /// Why it ended there.
    let reason: any Error
}

/// The log of requests: a line for each. Credentials are in no part of it.
package struct AccessLog: RequestObserver {
    private let logger: Logger

    /// - Parameter logger: Gets the lines, at `info`.
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
