import NIOCore

/// Tells by a connection's first byte whether the client encrypts, and has the pipeline set up for that.
///
/// It stands before everything that reads, holds what has arrived until the pipeline is there, and then goes.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let onDecision: (_ encrypts: Bool) -> Void
    private let onFailure: (any Error) -> Void
    private var isDecided = false

    /// - Parameters:
    ///   - onDecision: Called once with the first byte's answer, unless the connection ends before it: it adds the handlers.
    ///   - onFailure: Called once when it ends before.
    init(onDecision: @escaping (_ encrypts: Bool) -> Void, onFailure: @escaping (any Error) -> Void) {
        self.onDecision = onDecision
        self.onFailure = onFailure
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let first = Self.unwrapInboundIn(data).readableBytesView.first else { return }
        isDecided = true
        onDecision(Self.beginsHandshake(first))
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// No HTTP method begins so.
    private static func beginsHandshake(_ byte: UInt8) -> Bool {
        // TLS 1.3 (RFC 8446), section 5.1: the content type of a handshake record.
        byte == 0x16
            // TLS 1.2 (RFC 5246), appendix E.2: the length of a hello in the frame of SSL 2, as OpenSSL 0.9.8 sends it.
            || byte & 0x80 != 0
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent, is IdleStateHandler.IdleStateEvent, ChannelEvent.inputClosed:
            context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if !isDecided { onFailure(ChannelError.ioOnClosedChannel) }
    }
}
