import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection that sends exactly the given bytes inside TLS, and reads whatever comes back.
struct EncryptedConnection {
    private let context: NIOSSLContext

    /// Trusts every server, and speaks HTTP/1.1.
    init() throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["http/1.1"]
        context = try NIOSSLContext(configuration: configuration)
    }

    /// Connects, sends pieces, ends its side, and reads everything that comes back.
    func exchange(_ pieces: [[UInt8]], port: Int) async throws -> (outcome: RawConnection.Outcome, bytes: [UInt8]) {
        let received = Received()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { [context] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
                    try channel.pipeline.syncOperations.addHandlers(handler, Collector(received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let patience = channel.eventLoop.scheduleTask(in: .seconds(20)) {
            received.isLate.store(true, ordering: .relaxed)
            channel.close(promise: nil)
        }
        do {
            for piece in pieces { try await channel.writeAndFlush(ByteBuffer(bytes: piece)) }
            try await channel.close(mode: .output)
        } catch {
            // The server may have disconnected early: read what it has sent all the same.
        }
        try await channel.closeFuture.get()
        patience.cancel()
        let bytes = received.bytes.withLock { $0 }
        return (received.isLate.load(ordering: .relaxed) ? .silence : RawConnection.outcome(of: bytes), bytes)
    }

    private final class Received: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let isLate = Atomic(false)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let received: Received

        init(_ received: Received) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = Self.unwrapInboundIn(data)
            received.bytes.withLock { $0 += buffer.readableBytesView }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
