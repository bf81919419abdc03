import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// The connections to a registry, and their settings.
package final class RegistryTransport: Sendable {
    /// The certificates to trust.
    package enum Trust: Sendable, Equatable {
        /// Those trusted by the system, and those signed by an authority in `file` (PEM).
        case system(file: String?)
        /// All of them: anyone on the network path can read and change the traffic.
        case anyone
    }

    /// How long to retry when a registry does not respond.
    let patience: Duration
    let client: HTTPClient

    /// The maximum read size from a connection: layers are large, and each piece is passed between threads.
    private static let largestPieceByteCount = 512 << 10

    /// - Parameters:
    ///   - trust: The certificates to trust for `https`.
    ///   - patience: How long to retry when a registry does not respond, or is temporarily unavailable.
    /// - Throws: ``UnusableAuthority``.
    package init(trust: Trust = .system(file: nil), patience: Duration = .seconds(60)) throws(UnusableAuthority) {
        self.patience = patience
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = try Self.tls(trust)
        // Retries are decided in a single place.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(10)
        // A registry may hash an upload before it responds.
        configuration.timeout.read = .minutes(15)
        configuration.httpVersion = .http1Only
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 2 << 10,
                    initial: 4 << 10,
                    maximum: Self.largestPieceByteCount
                )
            )
        }
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections. Call it once, at the end.
    package func shutdown() async throws { try await client.shutdown() }

    private static func tls(_ trust: Trust) throws(UnusableAuthority) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch trust {
        case .anyone: configuration.certificateVerification = .none
        case .system(nil): break
        case .system(let path?):
            configuration.additionalTrustRoots = [.certificates(try certificates(of: path))]
        }
        return configuration
    }

    private static func certificates(of path: String) throws(UnusableAuthority) -> [NIOSSLCertificate] {
        guard let file = fopen(path, "r") else {
            throw UnusableAuthority(path: path, reason: String(cString: strerror(errno)))
        }
        fclose(file)
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(path)
            if !certificates.isEmpty { return certificates }
        } catch {}
        throw UnusableAuthority(path: path, reason: "it contains no PEM certificate")
    }
}

/// The error for a file without usable CA certificates.
package struct UnusableAuthority: Error, Equatable, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "the certificates of \(path) cannot be used: \(reason)" }
}
