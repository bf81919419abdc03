package import NIOCore
import Storage

extension AsyncSequence where Element == ByteBuffer {
    /// Passes incoming bytes to `write` in pieces of a size suited to files, or in smaller ones if other uploads use up
    /// the shared memory.
    ///
    /// If the sequence fails, the bytes received so far are passed on before the error is thrown.
    func forEachPiece(
        isolation: isolated (any Actor)? = #isolation,
        _ write: (ByteBuffer) async throws -> Void
    ) async throws {
        // One piece, plus the part of the last buffer that exceeds it.
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

/// The number of bytes written to a file at once.
private let pieceByteCount = 512 << 10

extension ByteBuffer {
    /// Whether all bytes are UTF-8. docker-registry rejected JSON documents that are not.
    package var isUTF8: Bool { String(validating: readableBytesView, as: UTF8.self) != nil }
}

extension ObjectReader {
    /// Passes the object's bytes from `start` on to `body` in order; the next chunk is read while `body` processes one.
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
