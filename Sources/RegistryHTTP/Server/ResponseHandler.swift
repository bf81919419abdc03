import NIOCore
import NIOHTTP1
import RegistryCore

/// Turns answers into HTTP parts, and closes a connection that is idle, stalled or told to end.
///
/// Stands between NIO's HTTP codec and the connection's task.
final class ResponseHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = ResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What is to be told of requests; nil in one of a connection's streams, whose beginning and end are the connection's
    /// affair.
    private let deadline: HeadDeadline?
    /// Told when the client has gone.
    let presence = ClientPresence()
    private let files = FileSender()
    private var isReceiving = false
    private var unansweredCount = 0
    private var isQuiescing = false

    init(_ deadline: HeadDeadline? = nil) { self.deadline = deadline }

    private var isInStream: Bool { deadline == nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = Self.unwrapInboundIn(data)
        switch part {
        case .head:
            isReceiving = true
            unansweredCount += 1
            deadline?.headArrived()
        case .body: break
        case .end:
            isReceiving = false
            deadline?.requestArrived()
        }
        context.fireChannelRead(Self.wrapInboundOut(part))
        if isQuiescing { stopReading(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        // It was accepted a moment before the server was told to end.
        if isQuiescing { stopReading(context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .interim(let head):
            write(.head(head), context: context, promise: promise)
        case .whole(let head, let body):
            answered()
            write(.head(final(head)), context: context, promise: body == nil ? promise : nil)
            if let body { write(.body(.byteBuffer(body)), context: context, promise: promise) }
            write(.end(nil), context: context, promise: nil)
        case .file(let head, let body):
            answered()
            write(.head(final(head)), context: context, promise: nil)
            files.send(body, context: context, promise: promise)
        case .head(let head):
            write(.head(final(head)), context: context, promise: promise)
        case .bytes(let buffer):
            write(.body(.byteBuffer(buffer)), context: context, promise: promise)
        case .end:
            answered()
            write(.end(nil), context: context, promise: promise)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        presence.leave()
        files.fail(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        presence.leave()
        files.fail(ChannelError.ioOnClosedChannel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent where !isInStream:
            isQuiescing = true
            // The requests that have arrived are answered; no more are read.
            if context.channel.isActive { stopReading(context) }
        case is IdleStateHandler.IdleStateEvent where !isInStream:
            if isIdleByTheClient(context) { context.close(promise: nil) }
        default:
            if case ChannelEvent.inputClosed = event, !isQuiescing { awaitDeparture(context) }
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// A client that sends no more has gone, or has ended its side alone: TCP does not tell which. It gets a while.
    private func awaitDeparture(_ context: ChannelHandlerContext) {
        let presence = presence
        context.eventLoop.scheduleTask(in: .seconds(10)) { presence.leave() }
    }

    private func answered() {
        unansweredCount -= 1
        deadline?.requestAnswered()
    }

    /// Reads nothing more, once the request that is arriving has arrived.
    private func stopReading(_ context: ChannelHandlerContext) {
        if !isReceiving { context.close(mode: .input, promise: nil) }
    }

    /// Whether nothing has moved because of the client, not because a response takes long to make.
    private func isIdleByTheClient(_ context: ChannelHandlerContext) -> Bool {
        isReceiving || unansweredCount <= 0 || files.isSending || !context.channel.isWritable
    }

    private func final(_ head: HTTPResponseHead) -> HTTPResponseHead {
        guard isQuiescing else { return head }
        var last = head
        last.headers.replaceOrAdd(name: "Connection", value: "close")
        return last
    }

    private func write(
        _ part: HTTPServerResponsePart,
        context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>?
    ) {
        context.write(Self.wrapOutboundOut(part), promise: promise)
    }
}
