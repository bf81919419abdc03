import NIOCore
import NIOHTTP1
import Storage

/// What a connection hands down its pipeline: a response, whole or in pieces.
///
/// NIO completes the promise of a part's write when all of it has been given to the kernel.
enum ResponsePart: Sendable {
    /// An informational head, before the response.
    case interim(HTTPResponseHead)
    /// A response with all its bytes.
    case whole(HTTPResponseHead, ByteBuffer?)
    /// A response whose body the kernel sends from a file.
    case file(HTTPResponseHead, FileBody)
    /// The beginning of a response in pieces: any number of ``bytes(_:)`` and one ``end`` must follow.
    case head(HTTPResponseHead)
    /// A piece of the body.
    case bytes(ByteBuffer)
    /// The end of a response in pieces.
    case end
}

/// A part of an open file. Whoever holds it keeps the file open.
struct FileBody: Sendable {
    /// The owner of the descriptor.
    let reader: any ObjectReader
    /// The open file.
    let descriptor: Int32
    /// Which bytes of it.
    let range: Range<Int64>

    /// Nil when the object has no descriptor, or nothing of it is to be sent.
    init?(_ reader: any ObjectReader, range: Range<Int64>) {
        guard let descriptor = reader.fileDescriptor, !range.isEmpty else { return nil }
        self.reader = reader
        self.descriptor = descriptor
        self.range = range
    }
}

/// Writes answers to one connection, in order, with back-pressure.
struct ResponseWriter: Sendable {
    /// The connection.
    let channel: any Channel

    /// Writes one part, and returns when the kernel has taken it.
    ///
    /// A small response does not wait for that while the client keeps up: what was left unwritten of it counts against
    /// the channel's water mark, so the response after it waits.
    func write(_ part: ResponsePart) async throws {
        if part.isSmall, channel.isWritable {
            channel.writeAndFlush(part, promise: nil)
        } else {
            try await channel.writeAndFlush(part)
        }
    }
}

extension ResponsePart {
    fileprivate var isSmall: Bool {
        switch self {
        case .whole(_, let body): (body?.readableBytes ?? 0) <= 16 << 10
        case .interim, .head, .end: true
        case .bytes, .file: false
        }
    }
}
