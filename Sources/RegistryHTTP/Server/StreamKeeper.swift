import NIOCore
import NIOHTTP2

/// Closes an HTTP/2 connection: on shutdown once its streams are done, when it is idle, and when it has had no stream
/// for the idle timeout, whatever else the client sends.
final class StreamKeeper: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame

    private let streams: NIOLoopBoundBox<Streams>

    private struct Streams {
        var openCount = 0
        var last = HTTP2StreamID.rootStream
        var isQuiescing = false
        /// When the last stream was closed.
        var emptied = NIODeadline.now()
        /// Stopped by the first stream.
        let deadline: HeadDeadline
        var watch: Scheduled<Void>?
    }

    private let idleTimeout: TimeAmount

    init(on eventLoop: any EventLoop, _ deadline: HeadDeadline, idleTimeout: TimeAmount) {
        streams = NIOLoopBoundBox(Streams(deadline: deadline), eventLoop: eventLoop)
        self.idleTimeout = idleTimeout
    }

    /// Receives stream events from NIO.
    func delegate(of channel: any Channel) -> any NIOHTTP2StreamDelegate { Delegate(keeper: self, channel: channel) }

    func handlerAdded(context: ChannelHandlerContext) { watch(context.channel, in: idleTimeout) }

    func channelInactive(context: ChannelHandlerContext) {
        streams.value.watch?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            streams.value.isQuiescing = true
            let frame = HTTP2Frame(
                streamID: .rootStream,
                payload: .goAway(lastStreamID: streams.value.last, errorCode: .noError, opaqueData: nil)
            )
            context.writeAndFlush(NIOAny(frame), promise: nil)
            if streams.value.openCount == 0 { context.close(promise: nil) }
        case is IdleStateHandler.IdleStateEvent:
            context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Checks after `delay` whether there has been no stream for the whole idle timeout.
    private func watch(_ channel: any Channel, in delay: TimeAmount) {
        streams.value.watch = channel.eventLoop.scheduleTask(in: delay) {
            let left = self.streams.value.emptied + self.idleTimeout - .now()
            if self.streams.value.openCount > 0 {
                self.watch(channel, in: self.idleTimeout)
            } else if left > .zero {
                self.watch(channel, in: left)
            } else {
                channel.close(promise: nil)
            }
        }
    }

    private func opened(_ id: HTTP2StreamID) {
        streams.value.deadline.end()
        streams.value.openCount += 1
        streams.value.last = max(streams.value.last, id)
    }

    private func closed(_ channel: any Channel) {
        streams.value.openCount -= 1
        streams.value.emptied = .now()
        guard streams.value.isQuiescing, streams.value.openCount == 0 else { return }
        // Let the last frames be sent before closing.
        channel.eventLoop.execute { channel.close(promise: nil) }
    }

    private struct Delegate: NIOHTTP2StreamDelegate {
        let keeper: StreamKeeper
        let channel: any Channel

        func streamCreated(_ id: HTTP2StreamID, channel: any Channel) { keeper.opened(id) }

        func streamClosed(_ id: HTTP2StreamID, channel: any Channel) { keeper.closed(self.channel) }
    }
}
