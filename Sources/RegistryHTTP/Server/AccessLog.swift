import HTTPTypes
package import Logging

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
