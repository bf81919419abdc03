import NIOCore
import NIOHTTP1

/// The body of the request that a connection is currently reading.
///
/// An unchecked class because NIO's iterator can neither be copied into a task nor shared: the connection passes it to
/// the handler, and uses it again only after the handler has returned. It is never read from two tasks at once.
final class IncomingBody: @unchecked Sendable {
    typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    /// `Content-Length`; 0 for a request without a body, nil for a chunked one.
    let declaredByteCount: Int64?

    /// Whether the client is waiting for `100 Continue`.
    private(set) var isAwaitingContinue: Bool
    /// Whether the body was read to its end.
    private(set) var isComplete = false
    private(set) var readByteCount: Int64 = 0
    private var parts: Parts
    private let writer: ResponseWriter

    init(of head: HTTPRequestHead, from parts: Parts, writer: ResponseWriter) {
        let isChunked = head.headers.contains(name: "transfer-encoding")
        let length = head.headers.first(name: "content-length").flatMap { Int64($0) }
        self.declaredByteCount = isChunked ? nil : length ?? 0
        self.isAwaitingContinue =
            head.version != .http1_0 && declaredByteCount != 0
            && head.headers.first(name: "expect")?.lowercased() == "100-continue"
        self.parts = parts
        self.writer = writer
    }

    /// Whether the rest of the body is so small that reading it costs less than a new connection.
    var isNearItsEnd: Bool {
        if isComplete || declaredByteCount == 0 { return true }
        if isAwaitingContinue { return false }
        guard let declaredByteCount else { return true }
        return declaredByteCount - readByteCount <= Self.discardLimit
    }

    /// The next bytes, or nil at the end.
    func next() async throws -> ByteBuffer? {
        if isComplete { return nil }
        if isAwaitingContinue {
            isAwaitingContinue = false
            try await writer.write(.interim(HTTPResponseHead(version: .http1_1, status: .continue)))
        }
        switch try await nextPart() {
        case .body(let buffer):
            readByteCount += Int64(buffer.readableBytes)
            return buffer
        case .end:
            isComplete = true
            return nil
        case .head, nil:
            throw ConnectionLost()
        }
    }

    /// Discards what the handler left unread, and returns whether the connection is ready for the next request.
    func discardRest() async throws -> Bool {
        var discarded = 0
        while let buffer = try await next() {
            discarded += buffer.readableBytes
            if discarded > Self.discardLimit { return false }
        }
        return true
    }

    private func nextPart() async throws -> HTTPServerRequestPart? {
        do {
            return try await parts.next()
        } catch is HTTPParserError {
            // Cut off, or malformed chunks: nothing after this can be understood.
            throw ConnectionLost()
        }
    }

    private static let discardLimit = 1 << 20
}
