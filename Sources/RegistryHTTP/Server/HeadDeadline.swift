import NIOCore

/// Closes a connection whose client takes too long to send the head of a request, however steadily bytes arrive.
///
/// It is the first handler, and is notified by the one that reads requests. The first request's head, with any
/// handshake before it, must arrive within the timeout after the connection is accepted; later heads within the timeout
/// after their first byte.
final class HeadDeadline: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let timeout: TimeAmount
    /// Whether the next byte belongs to a request whose head has not arrived.
    private var isAwaitingHead = true
    private var unansweredCount = 0
    private var headCount = 0
    private var deadline: Scheduled<Void>?

    init(_ timeout: Duration) { self.timeout = TimeAmount(timeout) }

    /// Records that the head of a request has arrived.
    func headArrived() {
        isAwaitingHead = false
        unansweredCount += 1
        headCount &+= 1
        deadline?.cancel()
        deadline = nil
    }

    /// Records that all of a request has arrived.
    func requestArrived() { isAwaitingHead = true }

    /// Records that a response was sent.
    func requestAnswered() { unansweredCount -= 1 }

    /// Stops watching: the rest of the protocol has no recognizable heads.
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
        // Most heads arrive whole and need no deadline.
        if mayBegin, isAwaitingHead, headCount == before { start(context) }
    }

    private func start(_ context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.pass(channel) }
    }

    private func pass(_ channel: any Channel) {
        guard unansweredCount > 0 else { return channel.close(promise: nil) }
        // Earlier requests are still being handled, and nothing may be read until they are done.
        deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.pass(channel) }
    }
}
