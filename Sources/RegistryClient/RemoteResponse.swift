import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A response from a registry, whose body is still to be read.
struct RemoteResponse: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: HTTPClientResponse.Body
    /// The base URL for a relative location.
    let origin: String

    /// Reads the whole body, up to `limit` bytes.
    ///
    /// - Throws: ``RegistryFailure`` if the connection breaks or the body is too large.
    func collected(upTo limit: Int = 8 << 20) async throws -> ByteBuffer {
        var all = ByteBuffer()
        try await forEachPiece { piece in
            guard all.readableBytes + piece.readableBytes <= limit else {
                throw RegistryFailure.malformedResponse(what: "a request to \(origin) (body over \(limit) bytes)")
            }
            all.writeImmutableBuffer(piece)
        }
        return all
    }

    /// Passes the body to `take`, piece by piece.
    ///
    /// - Throws: ``RegistryFailure`` if the connection breaks, and any error of `take`.
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

    /// The value of a numeric header.
    func number(_ name: String) -> Int64? { headers.first(name: name).flatMap { Int64($0) } }

    /// The URL in `Location`.
    var location: String? {
        headers.first(name: "Location").map { $0.hasPrefix("/") ? origin + $0 : $0 }
    }
}
