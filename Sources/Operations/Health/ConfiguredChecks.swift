import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// The checks of registry:2's `health.file`, `health.http` and `health.tcp`.
extension HealthCheck {
    /// registry:2's limit for the time a check may take.
    private static let usualTimeout = Duration.seconds(5)

    /// Fails while a file exists: creating it takes the registry out of service.
    package static func file(_ path: String, every interval: Duration) -> HealthCheck {
        HealthCheck(path, every: interval, threshold: 1) {
            do {
                let exists = try await NIOThreadPool.singleton.runIfActive {
                    FileManager.default.fileExists(atPath: path)
                }
                return exists ? "file exists" : nil
            } catch {
                return "the file cannot be looked at"
            }
        }
    }

    /// Fails unless another server answers a HEAD request with the expected status.
    package static func http(
        _ address: String,
        headers: [(String, String)],
        status: Int,
        timeout: Duration?,
        every interval: Duration,
        threshold: Int
    ) -> HealthCheck {
        HealthCheck(address, every: interval, threshold: threshold) {
            var request = HTTPClientRequest(url: address)
            request.method = .HEAD
            request.headers = HTTPHeaders(headers)
            do {
                let limit = TimeAmount(timeout ?? usualTimeout)
                let response = try await HTTPClient.shared.execute(request, timeout: limit)
                guard response.status.code == status else {
                    return "downstream service returned unexpected status: \(response.status.code)"
                }
                return nil
            } catch {
                return "error while checking: \(address)"
            }
        }
    }

    /// Fails unless another server accepts a connection.
    ///
    /// - Parameter address: `host:port`.
    package static func tcp(
        _ address: String,
        timeout: Duration?,
        every interval: Duration,
        threshold: Int
    ) -> HealthCheck {
        HealthCheck(address, every: interval, threshold: threshold) {
            let parts = address.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, let port = parts.last.flatMap({ Int($0) }), (1...65_535).contains(port) else {
                return "connection to \(address) failed: it is not host:port"
            }
            let host = parts.dropLast().joined(separator: ":").filter { $0 != "[" && $0 != "]" }
            do {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connectTimeout(TimeAmount(timeout ?? usualTimeout))
                    .connect(host: host, port: port).get()
                try await channel.close().get()
                return nil
            } catch {
                return "connection to \(address) failed"
            }
        }
    }
}
