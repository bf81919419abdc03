import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// Explains to operators why a registry could not be reached or a connection broke.
enum ConnectionFault {
    /// Fragments of the libraries' errors, and their meanings. The first match wins.
    private static let known: [(sign: String, meaning: String)] = [
        ("Connection refused", "connection refused"),
        ("Connection reset by peer", "connection reset by peer"),
        ("No route to host", "no route to host"),
        ("Network is unreachable", "network is unreachable"),
        ("Connection timed out", "the connection timed out"),
        ("UnknownHost", "unknown host; check the name"),
        ("WRONG_VERSION_NUMBER", "no TLS on this port; use http:// or another port"),
        ("268435703", "no TLS on this port; use http:// or another port"),
        ("CERTIFICATE_VERIFY_FAILED", untrusted),
        ("handshakeFailed", "the TLS handshake failed"),
        ("uncleanShutdown", "the connection was cut off"),
    ]

    private static let untrusted =
        "its certificate is not trusted: it was signed by an unknown authority, or issued for another name"

    /// The reason to append to "cannot be reached:".
    static func reason(_ error: any Error) -> String {
        let text = "\(error)"
        if let fault = known.first(where: { text.contains($0.sign) }) { return fault.meaning }
        switch error {
        case is NIOSSLExtraError: return untrusted
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as HTTPClientError: return meaning(of: error)
        case is ChannelError: return "the connection was closed"
        default: return "the connection failed (\(String(reflecting: type(of: error))))"
        }
    }

    private static func meaning(of error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout: "no response within 10 seconds"
        case .readTimeout, .deadlineExceeded: "it responded too slowly"
        case .remoteConnectionClosed: "it closed the connection before responding"
        case .invalidURL, .emptyHost, .emptyScheme: "it returned an invalid URL"
        case .tlsHandshakeTimeout: "the TLS handshake took too long"
        default: error.shortDescription.lowercased()
        }
    }
}
