import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

/// A client's connection. Its requests are handled one after the other, in order.
struct Connection: Sendable {
    private typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>

    private let writer: ResponseWriter
    private let responder: any RegistryResponder
    private let security: NegotiatedProtocol.Security
    private let logger: Logger
    private let observers: [any RequestObserver]
    private let remoteAddress: String?

    init(
        channel: any Channel,
        security: NegotiatedProtocol.Security,
        responder: any RegistryResponder,
        logger: Logger,
        observers: [any RequestObserver]
    ) {
        self.writer = ResponseWriter(channel: channel)
        self.security = security
        self.responder = responder
        self.logger = logger
        self.observers = observers
        self.remoteAddress = channel.remoteAddress?.ipAddress.map(IPAddress.unmapped)
    }

    /// Serves requests until the client or the server is done, then closes the channel.
    func serve(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) async {
        var parts = inbound.makeAsyncIterator()
        do {
            try await answerRequests(&parts)
        } catch let error as HTTPParserError {
            reportMalformed("\(error)")
            await refuse(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest)
        } catch is MalformedHost {
            reportMalformed("no valid Host field")
            await refuse(.badRequest)
        } catch {
            logger.debug("connection failed", metadata: ["error": "\(error)", "remote": "\(remoteAddress ?? "")"])
            return
        }
        await linger(&parts)
    }

    private func answerRequests(_ parts: inout Parts.AsyncIterator) async throws {
        while let part = try await parts.next() {
            guard case .head(let head) = part else { throw ConnectionLost() }
            let body = IncomingBody(of: head, from: parts, writer: writer)
            guard try await respond(head, body) else { return }
        }
    }

    /// Responds to one request, and returns whether another may follow.
    private func respond(_ head: HTTPRequestHead, _ body: IncomingBody) async throws -> Bool {
        guard HostField.isAcceptable(in: head) else { throw MalformedHost() }
        guard let method = HTTPRequest.Method(head.method.rawValue) else { throw HTTPParserError.invalidMethod }
        let request = RegistryRequest(
            method: method,
            target: head.uri,
            headers: HTTPFields(head.headers),
            body: RequestBody(body),
            version: version(of: head),
            isEncrypted: security != .plain,
            remoteAddress: remoteAddress,
            observers: observers
        )
        let start = ContinuousClock.now
        let response = await RequestContext.$current.withValue(request.context) {
            var response = await responder.respond(request)
            response.headers[.requestID] = request.context.id
            return response
        }
        let keepsAlive = head.isKeepAlive && body.isNearItsEnd
        let connection = !keepsAlive ? "close" : head.version == .http1_0 ? "keep-alive" : nil
        let transmission = Transmission(writer: writer, sendsFiles: security == .plain)
        func tellObservers(_ response: RegistryResponse, _ byteCount: Int64, isComplete: Bool) {
            guard !observers.isEmpty else { return }
            let record = RequestRecord(
                request: request,
                status: response.status.code,
                headers: response.headers,
                byteCount: byteCount,
                isComplete: isComplete,
                duration: start.duration(to: .now)
            )
            for observer in observers { observer.requestEnded(record) }
        }
        do throws(ResponseCut) {
            let sent = try await transmission.send(response, to: method, connection: connection)
            tellObservers(sent, sent.sendsBody(to: method) ? sent.body.byteCount : 0, isComplete: true)
        } catch {
            tellObservers(response, error.byteCount, isComplete: false)
            throw error.reason
        }
        guard keepsAlive else { return false }
        do {
            return try await body.discardRest()
        } catch {
            logger.debug("rest of the body did not arrive", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// The version of HTTP that the client spoke. Its requests over HTTP/2 arrive here as if by HTTP/1.1.
    private func version(of head: HTTPRequestHead) -> String {
        security == .encryptedStream ? "HTTP/2.0" : "HTTP/\(head.version.major).\(head.version.minor)"
    }

    private func reportMalformed(_ reason: String) {
        for observer in observers { observer.requestWasMalformed(reason, from: remoteAddress) }
    }

    private func refuse(_ status: HTTPResponse.Status) async {
        do throws(ResponseCut) {
            _ = try await Transmission(writer: writer, sendsFiles: false).send(
                RegistryResponse(status),
                to: .get,
                connection: "close"
            )
        } catch {
            logger.debug("cannot send the error response", metadata: ["error": "\(error.reason)"])
        }
    }

    /// Ends the connection so that the last response arrives. Closing a socket while the client still sends would reset
    /// the connection, and the client could lose unread parts of the response (RFC 9112, section 9.6).
    private func linger(_ parts: inout Parts.AsyncIterator) async {
        let channel = writer.channel
        do {
            // An HTTP/2 stream cannot be half-closed here: the end of the response has done so already.
            if security != .encryptedStream { try await channel.close(mode: .output).get() }
            let deadline = channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
            defer { deadline.cancel() }
            var discarded = 0
            while discarded < 64 << 20, let part = try await parts.next() {
                if case .body(let buffer) = part { discarded += buffer.readableBytes }
            }
        } catch {
            logger.trace("connection ended while closing", metadata: ["error": "\(error)"])
        }
    }
}

extension HTTPFields {
    /// Creates fields from all headers of a request, in order. Headers with invalid names are dropped.
    fileprivate init(_ headers: HTTPHeaders) {
        self.init()
        reserveCapacity(headers.count)
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
