package import NIOCore
import Storage

extension AsyncSequence where Element == ByteBuffer {
    /// Hands what arrives to `write` in pieces that suit a file: small ones where the uploads of others take all memory
    /// that there is for them.
    ///
    /// What has arrived is handed on too before an error of the sequence is thrown.
    func forEachPiece(
        isolation: isolated (any Actor)? = #isolation,
        _ write: (ByteBuffer) async throws -> Void
    ) async throws {
        // A piece, and what the last buffer has beyond it.
        let reservation = BufferPool.uploads.reserve(pieceByteCount + (256 << 10))
        defer { withExtendedLifetime(reservation) {} }
        let byteCount = reservation == nil ? 1 : pieceByteCount
        var iterator = makeAsyncIterator()
        var pending = ByteBuffer()
        while true {
            let next: ByteBuffer?
            do { next = try await iterator.next(isolation: isolation) } catch {
                if pending.readableBytes > 0 { try await write(pending) }
                throw error
            }
            guard var next else { break }
            if pending.readableBytes == 0 { pending = next } else { pending.writeBuffer(&next) }
            guard pending.readableBytes >= byteCount else { continue }
            try await write(pending)
            pending = ByteBuffer()
        }
        if pending.readableBytes > 0 { try await write(pending) }
    }
}

/// How many bytes are written to a file at once.
private let pieceByteCount = 512 << 10

extension ByteBuffer {
    /// Whether all bytes are UTF-8. A JSON document that is not was refused by docker-registry.
    package var isUTF8: Bool { String(validating: readableBytesView, as: UTF8.self) != nil }
}

extension ObjectReader {
    /// Hands the object's bytes from `start` on to `body` in order; the next chunk is read while `body` works on this one.
    func forEachChunk(
        of byteCount: Int = 1 << 20,
        from start: Int64 = 0,
        _ body: (ByteBuffer) async throws -> Void
    ) async throws {
        var offset = start
        var chunk = try await read(at: start, byteCount: byteCount)
        while chunk.readableBytes > 0 {
            offset += Int64(chunk.readableBytes)
            let position = offset
            let current = chunk
            chunk = try await Task.beginning {
                try await read(at: position, byteCount: byteCount)
            } during: {
                try await body(current)
            }
        }
    }
}
