import NIOCore
import NIOHTTP1
import NIOHTTP2
import RegistryCore

/// The protocol negotiated on a connection.
enum NegotiatedProtocol: Sendable {
    /// The requests of a connection or a stream.
    struct Requests: Sendable {
        /// The channel they arrive on.
        let channel: NIOAsyncChannel<HTTPServerRequestPart, Never>
        /// Whether the client is still connected.
        let presence: ClientPresence
    }

    /// The encryption of a connection.
    enum Security: Sendable {
        /// None: the kernel can send files.
        case plain
        /// TLS.
        case encrypted
        /// TLS, carrying one of several HTTP/2 streams.
        case encryptedStream
    }

    /// HTTP/1.1.
    case http1(Requests, Security)
    /// HTTP/2: many streams with one request each.
    case http2(NIOHTTP2Handler.AsyncStreamMultiplexer<Requests>)
}
