import HTTPTypes
import NIOCore
import NIOHTTP1
import Storage

/// The sending of one answer.
struct Transmission {
    /// Where it goes.
    let writer: AnswerWriter

    private static let bufferByteCount: Int64 = 256 << 10

    /// Sends `answer`, and returns when it is on its way: a file or a stream to its last byte.
    ///
    /// - Throws: When less than was promised could be sent. The connection must then be closed.
    func send(_ answer: HTTPAnswer, to method: HTTPRequest.Method, connection: String?) async throws {
        let head = answer.head(for: method, connection: connection)
        guard answer.sendsBody(to: method) else { return try await writer.write(.whole(head, nil)) }
        switch answer.body {
        case .empty:
            try await writer.write(.whole(head, nil))
        case .bytes(let buffer):
            try await writer.write(.whole(head, buffer))
        case .object(let reader, let range):
            if let bytes = reader.content?.getSlice(at: Int(range.lowerBound), length: range.count) {
                // One write of head and body is cheaper than a write and a sendfile.
                try await writer.write(.whole(head, bytes))
            } else if let file = FileBody(reader, range: range) {
                try await writer.write(.file(head, file))
            } else {
                try await stream(reader, range: range, after: head)
            }
        }
    }

    private func stream(_ reader: any ObjectReader, range: Range<Int64>, after head: HTTPResponseHead) async throws {
        try await writer.write(.head(head))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = Int(min(Self.bufferByteCount, range.upperBound - offset))
            let buffer = try await reader.read(at: offset, byteCount: wanted)
            guard buffer.readableBytes > 0 else { throw FileShrank() }
            offset += Int64(buffer.readableBytes)
            try await writer.write(.bytes(buffer))
        }
        try await writer.write(.end)
    }
}
