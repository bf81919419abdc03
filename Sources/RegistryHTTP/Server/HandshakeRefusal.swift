import NIOCore

/// Closes a connection whose first byte is a TLS handshake's: clients try TLS first, on any port, and must be told at
/// once that there is none here.
final class HandshakeRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// TLS 1.3 (RFC 8446), section 5.1: the content type of a handshake record. No HTTP method begins so.
    private static let handshake: UInt8 = 0x16

    private var isRefusing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefusing else { return }
        let buffer = Self.unwrapInboundIn(data)
        guard let first = buffer.readableBytesView.first else { return }
        if first == Self.handshake {
            isRefusing = true
            context.close(promise: nil)
        } else {
            context.fireChannelRead(Self.wrapInboundOut(buffer))
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }
}
