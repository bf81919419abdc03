import NIOCore
import Storage

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
