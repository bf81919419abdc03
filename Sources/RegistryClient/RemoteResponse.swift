import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A response of a registry, whose body is still to come.
struct RemoteResponse: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: HTTPClientResponse.Body
    /// The URL that was asked, to which a relative location belongs.
    let origin: String

    /// The whole body, up to `limit` bytes.
    ///
    /// - Throws: ``RegistryFailure`` when the connection breaks.
    func collected(upTo limit: Int = 8 << 20) async throws -> ByteBuffer {
        var all = ByteBuffer()
        try await forEachPiece { piece in
            guard all.readableBytes + piece.readableBytes <= limit else {
                throw RegistryFailure.malformedResponse(what: "a request to \(origin), with more than \(limit) bytes,")
            }
            all.writeImmutableBuffer(piece)
        }
        return all
    }

    /// Hands all bytes of the body to `take`, piece by piece.
    ///
    /// - Throws: ``RegistryFailure`` when the connection breaks, and what `take` throws.
    func forEachPiece(_ take: (ByteBuffer) async throws -> Void) async throws {
        var pieces = body.makeAsyncIterator()
        while let piece = try await next(&pieces) { try await take(piece) }
    }

    private func next(_ pieces: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await pieces.next()
        } catch {
            try Task.checkCancellation()
            throw RegistryFailure.unreachable(origin: origin, reason: ConnectionFault.reason(error))
        }
    }

    /// The value of a header that is a number.
    func number(_ name: String) -> Int64? { headers.first(name: name).flatMap { Int64($0) } }

    /// The URL in `Location`.
    var location: String? {
        headers.first(name: "Location").map { $0.hasPrefix("/") ? origin + $0 : $0 }
    }
}
