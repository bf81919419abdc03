import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// How the server treats each connection that it accepts: HTTP/1.1 in plain text.
///
/// Not Hummingbird's own `HTTP1Channel`: its response parts carry buffers alone, and here a file goes down the pipeline.
struct RegistryChannel: ServerChildChannel {
    typealias Value = NIOAsyncChannel<HTTPServerRequestPart, Never>

    /// Who answers.
    let responder: any RegistryResponder
    /// Where requests are logged.
    let logger: Logger
    /// How long nothing may move on a connection before it is closed.
    let idleTimeout: Duration

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2 << 10, initial: 4 << 10, maximum: 256 << 10)
            )
            try pipeline.addHandler(IdleStateHandler(allTimeout: TimeAmount(idleTimeout)))
            try pipeline.addHandler(HandshakeRefusal())
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                withOutboundHeaderValidation: true,
                withEncoderConfiguration: Self.ownFraming,
                withDecoderLimitConfiguration: Self.headerLimits
            )
            try pipeline.addHandler(AnswerHandler())
            return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let connection = Connection(channel: value.channel, responder: responder, logger: self.logger)
        await withTaskCancellationHandler {
            do {
                try await withTaskExecutorPreference(EventLoopTaskExecutor(value.channel.eventLoop)) {
                    try await value.executeThenClose { inbound in
                        await connection.serve(inbound)
                    }
                }
            } catch {
                // The connection is closed either way, and what went wrong on it is logged already.
                self.logger.trace("connection did not close by itself", metadata: ["error": "\(error)"])
            }
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }

    /// Every answer says its length itself.
    private static var ownFraming: HTTPResponseEncoder.Configuration {
        var configuration = HTTPResponseEncoder.Configuration()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }

    private static var headerLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 64 << 10
        limits.maxHeaderListSize = 64 << 10
        limits.maxHeaderFieldCount = 256
        return limits
    }
}
