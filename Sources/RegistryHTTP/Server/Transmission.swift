import HTTPTypes
import NIOCore
import NIOHTTP1
import RegistryCore
import Storage

/// The sending of one response.
struct Transmission {
    /// The connection.
    let writer: ResponseWriter
    /// Whether the kernel can send files on it.
    let sendsFiles: Bool

    private static let bufferByteCount = 256 << 10
    /// The read size when many responses are in progress, whose clients may not read them.
    private static let smallBufferByteCount = 32 << 10

    /// Sends `response`, and returns when it is on its way: a file or a stream to its last byte.
    ///
    /// - Returns: The response sent: another one if there was no memory for `response`.
    /// - Throws: When less than announced could be sent. The connection must then be closed.
    func send(_ response: RegistryResponse, to method: HTTPRequest.Method, connection: String?)
        async throws(ResponseCut)
        -> RegistryResponse
    {
        var sent: Int64 = 0
        do {
            var reservation: BufferPool.Reservation?
            defer { withExtendedLifetime(reservation) {} }
            if case .bytes(let buffer) = response.body, buffer.readableBytes > Self.freeByteCount,
                response.sendsBody(to: method)
            {
                reservation = BufferPool.wholeResponses.reserve(buffer.readableBytes)
                if reservation == nil {
                    try await writer.write(.whole(Self.busy.head(for: method, connection: connection), nil))
                    return Self.busy
                }
            }
            try await send(response, to: method, connection: connection, counting: &sent)
            return response
        } catch let cut as ResponseCut {
            throw cut
        } catch {
            throw ResponseCut(byteCount: sent, reason: error)
        }
    }

    /// - Parameter sent: The bytes of the body passed to the system.
    private func send(
        _ response: RegistryResponse,
        to method: HTTPRequest.Method,
        connection: String?,
        counting sent: inout Int64
    ) async throws {
        let head = response.head(for: method, connection: connection)
        guard response.sendsBody(to: method) else { return try await writer.write(.whole(head, nil)) }
        switch response.body {
        case .empty:
            try await writer.write(.whole(head, nil))
        case .bytes(let buffer):
            try await writer.write(.whole(head, buffer))
        case .object(let reader, let range):
            if let bytes = reader.content?.getSlice(at: Int(range.lowerBound), length: range.count) {
                // Writing head and body at once is cheaper than a write and a sendfile.
                try await writer.write(.whole(head, bytes))
            } else if sendsFiles, let file = FileBody(reader, range: range) {
                try await writer.write(.file(head, file))
            } else {
                try await stream(reader, range: range, after: head, counting: &sent)
            }
        case .parts(let reader, let parts):
            try await stream(reader, parts, after: head, counting: &sent)
        }
    }

    /// Responses up to this size need no reservation.
    private static let freeByteCount = 64 << 10

    /// The response when unread large responses use up the memory for them.
    private static var busy: RegistryResponse {
        RegistryResponse(.serviceUnavailable, headers: [.retryAfter: "5"])
    }

    /// Sends several parts, collecting small ones in one buffer.
    private func stream(
        _ reader: any ObjectReader,
        _ parts: MultipartRanges,
        after head: HTTPResponseHead,
        counting sent: inout Int64
    ) async throws {
        let (byteCount, reservation) = Self.reserveBuffers()
        defer { withExtendedLifetime(reservation) {} }
        try await writer.write(.head(head))
        var pending = ByteBuffer()
        for (range, partHead) in zip(parts.ranges, parts.heads) {
            pending.writeImmutableBuffer(partHead)
            var rest = range
            while var bytes = try await read(reader, rest, byteCount) {
                rest = rest.lowerBound + Int64(bytes.readableBytes)..<rest.upperBound
                pending.writeBuffer(&bytes)
                guard pending.readableBytes >= byteCount else { continue }
                try await write(pending, counting: &sent)
                pending = ByteBuffer()
            }
        }
        pending.writeImmutableBuffer(parts.tail)
        try await write(pending, counting: &sent)
        try await writer.write(.end)
    }

    /// Sends a range in buffers, reading the next one while one is being sent.
    private func stream(
        _ reader: any ObjectReader,
        range: Range<Int64>,
        after head: HTTPResponseHead,
        counting sent: inout Int64
    ) async throws {
        let (byteCount, reservation) = Self.reserveBuffers()
        defer { withExtendedLifetime(reservation) {} }
        try await writer.write(.head(head))
        var buffer = try await read(reader, range, byteCount)
        var offset = range.lowerBound
        while let current = buffer {
            offset += Int64(current.readableBytes)
            let rest = offset..<range.upperBound
            async let next = read(reader, rest, byteCount)
            try await write(current, counting: &sent)
            buffer = try await next
        }
        try await writer.write(.end)
    }

    private func write(_ bytes: ByteBuffer, counting sent: inout Int64) async throws {
        try await writer.write(.bytes(bytes))
        sent += Int64(bytes.readableBytes)
    }

    /// The size of a response's two buffers, and the memory reservation for them.
    private static func reserveBuffers() -> (byteCount: Int, BufferPool.Reservation?) {
        let reservation = BufferPool.streamedResponses.reserve(2 * bufferByteCount)
        return (reservation == nil ? smallBufferByteCount : bufferByteCount, reservation)
    }

    /// The first bytes of a range; nil when it is empty.
    private func read(
        _ reader: any ObjectReader,
        _ range: Range<Int64>,
        _ byteCount: Int
    ) async throws -> ByteBuffer? {
        guard !range.isEmpty else { return nil }
        let wanted = Int(min(Int64(byteCount), Int64(range.count)))
        let buffer = try await reader.read(at: range.lowerBound, byteCount: wanted)
        guard buffer.readableBytes > 0 else { throw FileShrank() }
        return buffer
    }
}
