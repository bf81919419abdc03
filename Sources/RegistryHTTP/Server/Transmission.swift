import HTTPTypes
import NIOCore
import NIOHTTP1
import RegistryCore
import Storage

/// The sending of one response.
struct Transmission {
    /// Where it goes.
    let writer: ResponseWriter
    /// Whether the kernel can send files there.
    let sendsFiles: Bool

    private static let bufferByteCount = 256 << 10
    /// What is read at once where many responses are under way, whose clients may not take them.
    private static let smallBufferByteCount = 32 << 10

    /// Sends `answer`, and returns when it is on its way: a file or a stream to its last byte.
    ///
    /// - Returns: What was sent, which is another response where there was no memory for this one.
    /// - Throws: When less than was promised could be sent. The connection must then be closed.
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

    /// - Parameter sent: How many bytes of the body were given to the system.
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
                // One write of head and body is cheaper than a write and a sendfile.
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

    /// Responses of so many bytes are sent from memory however many there are.
    private static let freeByteCount = 64 << 10

    /// What is answered when clients that do not take large responses hold all memory that there is for them.
    private static var busy: RegistryResponse {
        RegistryResponse(.serviceUnavailable, headers: [.retryAfter: "5"])
    }

    /// Sends several parts, as many in one buffer as it holds.
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

    /// Sends a range in buffers: the next one is read while one is sent.
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

    /// How large the two buffers of a response may be, and the memory that is kept for them.
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
