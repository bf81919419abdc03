import NIOCore
import NIOHTTP1
import NIOHTTP2
import RegistryCore

/// What a client and the server have agreed to speak on a connection.
enum NegotiatedProtocol: Sendable {
    /// Requests that come in, one after the other.
    struct Requests: Sendable {
        /// Where they come from.
        let channel: NIOAsyncChannel<HTTPServerRequestPart, Never>
        /// Whether their client is still there.
        let presence: ClientPresence
    }

    /// What a connection's bytes go through.
    enum Security: Sendable {
        /// Nothing: the kernel can send a file.
        case plain
        /// TLS.
        case encrypted
        /// TLS, and one of several streams of HTTP/2 in it.
        case encryptedStream
    }

    /// HTTP/1.1.
    case http1(Requests, Security)
    /// HTTP/2: many streams, of a request each.
    case http2(NIOHTTP2Handler.AsyncStreamMultiplexer<Requests>)
}
