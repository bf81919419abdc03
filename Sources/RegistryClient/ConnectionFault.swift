import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// Why a registry could not be reached, or a connection broke, in an operator's words.
enum ConnectionFault {
    /// What the libraries say of a fault, and what it means. The first that fits holds.
    private static let known: [(sign: String, meaning: String)] = [
        ("Connection refused", "connection refused"),
        ("Connection reset by peer", "connection reset by peer"),
        ("No route to host", "no route to host"),
        ("Network is unreachable", "network is unreachable"),
        ("Connection timed out", "the connection timed out"),
        ("UnknownHost", "no address is known for this host: is its name right?"),
        ("WRONG_VERSION_NUMBER", "no TLS on this port: use http:// or another port"),
        ("268435703", "no TLS on this port: use http:// or another port"),
        ("CERTIFICATE_VERIFY_FAILED", untrusted),
        ("handshakeFailed", "the TLS handshake failed"),
        ("uncleanShutdown", "the connection was cut off"),
    ]

    private static let untrusted =
        "its certificate is not to be trusted: it was signed by an authority that is not known, or for another name"

    /// The end of the sentence that begins "cannot be reached:".
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
        case .connectTimeout: "no answer within 10 seconds"
        case .readTimeout, .deadlineExceeded: "it answered too slowly"
        case .remoteConnectionClosed: "it closed the connection before it had answered"
        case .invalidURL, .emptyHost, .emptyScheme: "it gave an address that is none"
        case .tlsHandshakeTimeout: "the TLS handshake took too long"
        default: error.shortDescription.lowercased()
        }
    }
}
