import NIOCore

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
