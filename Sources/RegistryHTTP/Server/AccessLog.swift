import HTTPTypes
import Logging

/// The one log line of a request. Credentials are in no part of it.
struct AccessLogEntry: Sendable {
    private let request: RegistryRequest
    private let start = ContinuousClock.now

    /// Starts the clock.
    init(of request: RegistryRequest) { self.request = request }

    /// Writes the line.
    ///
    /// - Parameter byteCount: The bytes of the body that were sent; nil when the client did not get all of it.
    func write(to logger: Logger, status: Int, byteCount: Int64?) {
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)",
                "path": "\(request.target)",
                "status": "\(status)",
                "bytes": byteCount.map { "\($0)" } ?? "incomplete",
                "milliseconds": "\(start.duration(to: .now) / .milliseconds(1))",
                "remote": "\(request.remoteAddress ?? "")",
                "agent": "\(request.headers[.userAgent] ?? "")",
            ]
        )
    }
}
