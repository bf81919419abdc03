import HTTPTypes
import NIOCore

/// Determines from a connection's first byte whether the client uses TLS, and has the pipeline set up accordingly.
///
/// It is the first inbound handler, holds back what has arrived until the pipeline is ready, and then removes itself.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let onDecision: (_ encrypts: Bool) -> Void
    private let onFailure: (any Error) -> Void
    private var isDecided = false

    /// - Parameters:
    ///   - onDecision: Called once, with the result, unless the connection ends first. It adds the handlers.
    ///   - onFailure: Called once when the connection ends first.
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

    /// Whether a byte begins a TLS handshake. No HTTP method begins with such a byte.
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

/// Refuses or redirects unencrypted requests.
struct PlainRequestRefusal: RegistryResponder {
    /// Whether to redirect to https.
    let redirects: Bool

    func respond(_ request: RegistryRequest) async -> RegistryResponse {
        guard redirects, let host = request.host else {
            let sentence = "This server requires https, but received a plain http request.\n"
            return RegistryResponse(
                .badRequest,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .bytes(ByteBuffer(string: sentence))
            )
        }
        let isRead = request.method == .get || request.method == .head
        // Clients older than status 308 turn a redirected POST into a GET; reads use 301, which they all know.
        let status: HTTPResponse.Status = isRead ? .movedPermanently : .permanentRedirect
        return RegistryResponse(
            status,
            headers: [.location: "https://\(host)\(request.path)\(Self.query(of: request))"]
        )
    }

    private static func query(of request: RegistryRequest) -> Substring {
        request.target.firstIndex(of: "?").map { request.target[$0...] } ?? ""
    }
}
