import NIOCore
import NIOHTTP1
import RegistryCore

/// Converts responses to HTTP parts, and closes connections that are idle, stalled or shutting down.
///
/// It sits between NIO's HTTP codec and the connection's task.
final class ResponseHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = ResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Notified of requests; nil in an HTTP/2 stream, whose connection is watched as a whole.
    private let deadline: HeadDeadline?
    /// Notified when the client has disconnected.
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
        // It was accepted just before the server began to shut down.
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
            // Requests that have arrived are served; no more are read.
            if context.channel.isActive { stopReading(context) }
        case is IdleStateHandler.IdleStateEvent where !isInStream:
            if isIdleByTheClient(context) { context.close(promise: nil) }
        default:
            if case ChannelEvent.inputClosed = event, !isQuiescing { awaitDeparture(context) }
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Waits before taking the client for gone: one that has closed its side may still read, which TCP does not tell.
    private func awaitDeparture(_ context: ChannelHandlerContext) {
        let presence = presence
        context.eventLoop.scheduleTask(in: .seconds(10)) { presence.leave() }
    }

    private func answered() {
        unansweredCount -= 1
        deadline?.requestAnswered()
    }

    /// Stops reading, after the request that is currently arriving.
    private func stopReading(_ context: ChannelHandlerContext) {
        if !isReceiving { context.close(mode: .input, promise: nil) }
    }

    /// Whether the client is the cause of the idleness, not a response that takes long to produce.
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
