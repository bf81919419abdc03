import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// The connections to one registry, and what is asked of them.
package final class RegistryTransport: Sendable {
    /// Whose certificates are believed.
    package enum Trust: Sendable, Equatable {
        /// Those that the system believes, and those that an authority of `file`, in PEM, has signed.
        case system(file: String?)
        /// Everybody's: whoever is on the way can read and change what is sent.
        case anyone
    }

    /// How long a registry that does not answer is asked again before that is a failure.
    let patience: Duration
    let client: HTTPClient

    /// How many bytes come off a connection at once: layers are large, and each piece is handed on from thread to thread.
    private static let largestPieceByteCount = 512 << 10

    /// - Parameters:
    ///   - trust: Whose certificates are believed by `https`.
    ///   - patience: How long a registry that does not answer, or says that it cannot now, is asked again.
    /// - Throws: ``UnusableAuthority``.
    package init(trust: Trust = .system(file: nil), patience: Duration = .seconds(60)) throws(UnusableAuthority) {
        self.patience = patience
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = try Self.tls(trust)
        // How often it is tried again is decided in one place.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(10)
        // A registry may hash what it was sent before it says a word.
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

    /// Closes all connections. Called once, at the end.
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
        throw UnusableAuthority(path: path, reason: "there is no certificate in PEM in it")
    }
}

/// A file that holds no certificate of an authority.
package struct UnusableAuthority: Error, Equatable, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "the certificates of \(path) cannot be used: \(reason)" }
}
