import NIOCore

/// Refuses TLS handshakes on a plain-text port: responds and closes the connection. Clients try TLS first on any port,
/// and must learn at once that it is not available here.
///
/// The response is plain HTTP, as from Go's server: Docker's client falls back to HTTP only when it sees the beginning
/// of an HTTP response ("server gave HTTP response to HTTPS client").
final class HandshakeRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// TLS 1.3 (RFC 8446), section 5.1: the content type of a handshake record. No HTTP method begins with this byte.
    private static let handshake: UInt8 = 0x16
    private static let response = """
        HTTP/1.1 400 Bad Request\r
        Content-Type: text/plain; charset=utf-8\r
        Connection: close\r
        \r
        this port speaks plain HTTP, not TLS

        """

    private var isRefusing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefusing else { return }
        let buffer = Self.unwrapInboundIn(data)
        guard let first = buffer.readableBytesView.first else { return }
        if first == Self.handshake {
            isRefusing = true
            let channel = context.channel
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: Self.response))).whenComplete { _ in
                channel.close(promise: nil)
            }
        } else {
            context.fireChannelRead(Self.wrapInboundOut(buffer))
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }
}
