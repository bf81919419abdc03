import NIOCore

/// Closes a connection whose client takes too long to say what it wants, however steadily bytes come.
///
/// Stands before everything else, and is told by what reads requests. The first request's head, with the handshake before
/// it, must have arrived so long after the connection was accepted; that of each further one so long after its first byte.
final class HeadDeadline: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let timeout: TimeAmount
    /// Whether the next byte belongs to a request whose head has not arrived.
    private var isAwaitingHead = true
    private var unansweredCount = 0
    private var headCount = 0
    private var deadline: Scheduled<Void>?

    init(_ timeout: Duration) { self.timeout = TimeAmount(timeout) }

    /// The head of a request has arrived.
    func headArrived() {
        isAwaitingHead = false
        unansweredCount += 1
        headCount &+= 1
        deadline?.cancel()
        deadline = nil
    }

    /// All of a request has arrived.
    func requestArrived() { isAwaitingHead = true }

    /// A request has been answered.
    func requestAnswered() { unansweredCount -= 1 }

    /// What is spoken has no heads after this one that could be told from other bytes.
    func end() {
        isAwaitingHead = false
        deadline?.cancel()
        deadline = nil
    }

    func handlerAdded(context: ChannelHandlerContext) { start(context) }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let mayBegin = isAwaitingHead && deadline == nil
        let before = headCount
        context.fireChannelRead(data)
        // Most heads come whole, and need no deadline.
        if mayBegin, isAwaitingHead, headCount == before { start(context) }
    }

    private func start(_ context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.pass(channel) }
    }

    private func pass(_ channel: any Channel) {
        guard unansweredCount > 0 else { return channel.close(promise: nil) }
        // Requests before it are being answered, and nothing may be read until they are.
        deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.pass(channel) }
    }
}
