import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS
import RegistryCore

/// Sets up each accepted connection: HTTP/1.1, or HTTP/2 if negotiated under TLS.
///
/// Hummingbird's own channels cannot be used: their response parts contain only buffers, while ours may be files.
struct RegistryChannel: ServerChildChannel {
    /// A connection whose first byte may not have arrived yet.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// The negotiated protocol, once known.
        let conversation: EventLoopFuture<NegotiatedProtocol>
    }

    /// Handles the requests.
    let responder: any RegistryResponder
    /// Encryption of connections; nil for none.
    let encryption: Encryption?
    /// Logs connection events.
    let logger: Logger
    /// Notified of each request.
    let observers: [any RequestObserver]
    /// How long a connection may be idle before it is closed.
    let idleTimeout: Duration
    /// How long a request's head may take to arrive.
    let headTimeout: Duration
    /// Limits for all connections together.
    let limits: ConnectionLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try channel.limitUnsentBytes()
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 2 << 10,
                    initial: 4 << 10,
                    maximum: limits.connections.authorize(channel)
                )
            )
            let deadline = HeadDeadline(headTimeout)
            try pipeline.addHandlers(IdleStateHandler(allTimeout: TimeAmount(idleTimeout)), deadline)
            let conversation: EventLoopFuture<NegotiatedProtocol>
            if let encryption {
                conversation = try awaitFirstByte(of: channel, encryption, deadline)
            } else {
                try pipeline.addHandler(HandshakeRefusal())
                conversation = channel.eventLoop.makeSucceededFuture(try speakHTTP1(on: channel, .plain, deadline))
            }
            return Value(channel: channel, conversation: conversation)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            do {
                try await withTaskExecutorPreference(EventLoopTaskExecutor(value.channel.eventLoop)) {
                    try await serveUntilClosed(try await value.conversation.get())
                }
            } catch {
                // The connection is closed either way, and the cause has been logged.
                self.logger.trace("connection did not close by itself", metadata: ["error": "\(error)"])
            }
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }

    /// Serves a connection until it is closed.
    private func serveUntilClosed(_ conversation: NegotiatedProtocol) async throws {
        switch conversation {
        case .http1(let channel, let security):
            try await serve(channel, security)
        case .http2(let streams):
            try await withThrowingDiscardingTaskGroup { group in
                for try await stream in streams.inbound {
                    group.addTask {
                        do {
                            try await serve(stream, .encryptedStream)
                        } catch {
                            self.logger.trace("stream did not close by itself", metadata: ["error": "\(error)"])
                        }
                    }
                }
            }
        }
    }

    private func serve(_ requests: NegotiatedProtocol.Requests, _ security: NegotiatedProtocol.Security) async throws {
        let plainRequests = security == .plain ? encryption?.policy.plainRequests ?? .allow : .allow
        let connection = Connection(
            channel: requests.channel.channel,
            security: security,
            responder: plainRequests == .allow
                ? responder : PlainRequestRefusal(redirects: plainRequests == .redirect),
            logger: logger,
            observers: observers
        )
        try await ClientPresence.$current.withValue(requests.presence) {
            try await requests.channel.executeThenClose { inbound in await connection.serve(inbound) }
        }
    }

    private func awaitFirstByte(
        of channel: any Channel,
        _ encryption: Encryption,
        _ deadline: HeadDeadline
    ) throws -> EventLoopFuture<NegotiatedProtocol> {
        let conversation = channel.eventLoop.makePromise(of: NegotiatedProtocol.self)
        let decision = FirstByteHandler { encrypts in
            do {
                if encrypts {
                    try negotiate(on: channel, encryption, deadline).cascade(to: conversation)
                } else {
                    conversation.succeed(try speakHTTP1(on: channel, .plain, deadline))
                }
            } catch {
                conversation.fail(error)
                channel.close(promise: nil)
            }
        } onFailure: {
            conversation.fail($0)
        }
        try channel.pipeline.syncOperations.addHandler(decision)
        return conversation.futureResult
    }

    private func negotiate(
        on channel: any Channel,
        _ encryption: Encryption,
        _ deadline: HeadDeadline
    ) throws -> EventLoopFuture<NegotiatedProtocol> {
        let negotiation = NIOTypedApplicationProtocolNegotiationHandler<NegotiatedProtocol> { result, channel in
            channel.eventLoop.makeCompletedFuture {
                switch result {
                case .negotiated("h2"): try speakHTTP2(on: channel, deadline)
                case .negotiated, .fallback: try speakHTTP1(on: channel, .encrypted, deadline)
                }
            }
        }
        try channel.pipeline.syncOperations.addHandler(encryption.handler())
        try channel.pipeline.syncOperations.addHandler(negotiation)
        let result = negotiation.protocolNegotiationResult
        // A failed handshake leaves the connection open.
        result.whenFailure { _ in channel.close(promise: nil) }
        return result
    }

    private func speakHTTP1(
        on channel: any Channel,
        _ security: NegotiatedProtocol.Security,
        _ deadline: HeadDeadline
    ) throws -> NegotiatedProtocol {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withErrorHandling: false,
            withOutboundHeaderValidation: true,
            withEncoderConfiguration: Self.ownFraming,
            withDecoderLimitConfiguration: Self.headerLimits
        )
        let handler = ResponseHandler(deadline)
        try pipeline.addHandler(handler)
        let requests = NegotiatedProtocol.Requests(
            channel: try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: Self.readAhead),
            presence: handler.presence
        )
        return .http1(requests, security)
    }

    private func speakHTTP2(on channel: any Channel, _ deadline: HeadDeadline) throws -> NegotiatedProtocol {
        let keeper = StreamKeeper(on: channel.eventLoop, deadline, idleTimeout: TimeAmount(idleTimeout))
        let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .server,
            streamDelegate: keeper.delegate(of: channel),
            configuration: Self.streamLimits
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                let handler = ResponseHandler()
                try stream.pipeline.syncOperations.addHandler(handler)
                try limits.streams.authorize(stream)
                return NegotiatedProtocol.Requests(
                    channel: try NIOAsyncChannel(
                        wrappingChannelSynchronously: stream,
                        configuration: Self.readAhead
                    ),
                    presence: handler.presence
                )
            }
        }
        try channel.pipeline.syncOperations.addHandler(keeper)
        return .http2(streams)
    }

    /// Only a few parts of a body are read ahead: each may be 256 KiB.
    private static var readAhead: NIOAsyncChannel<HTTPServerRequestPart, Never>.Configuration {
        .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2))
    }

    /// Windows large enough for fast clients, and a stream limit that keeps attacks small.
    private static var streamLimits: NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: 100),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 64 << 10),
            HTTP2Setting(parameter: .initialWindowSize, value: 1 << 20),
        ]
        configuration.stream.targetWindowSize = 1 << 20
        configuration.stream.outboundBufferSizeHighWatermark = 256 << 10
        configuration.stream.outboundBufferSizeLowWatermark = 64 << 10
        return configuration
    }

    /// Responses contain their own length.
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

/// Runs a connection's task on the event loop of its channel, so a short response changes threads only to read files.
/// Long work belongs elsewhere: see ``RegistryService``.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
