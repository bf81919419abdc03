import NIOCore
import NIOHTTP1
import Storage

/// What a connection writes to its pipeline: a response, whole or in pieces.
///
/// NIO completes the promise of a part's write when the kernel has accepted all of it.
enum ResponsePart: Sendable {
    /// An informational head before the response.
    case interim(HTTPResponseHead)
    /// A complete response.
    case whole(HTTPResponseHead, ByteBuffer?)
    /// A response whose body the kernel sends from a file.
    case file(HTTPResponseHead, FileBody)
    /// The head of a response in pieces: it must be followed by any number of ``bytes(_:)`` and one ``end``.
    case head(HTTPResponseHead)
    /// A piece of the body.
    case bytes(ByteBuffer)
    /// The end of a response in pieces.
    case end
}

/// A part of an open file, which stays open as long as this value exists.
struct FileBody: Sendable {
    /// The owner of the descriptor.
    let reader: any ObjectReader
    let descriptor: Int32
    /// The range to send.
    let range: Range<Int64>

    /// Nil when the object has no descriptor, or the range is empty.
    init?(_ reader: any ObjectReader, range: Range<Int64>) {
        guard let descriptor = reader.fileDescriptor, !range.isEmpty else { return nil }
        self.reader = reader
        self.descriptor = descriptor
        self.range = range
    }
}

/// Writes responses to one connection, in order, with back-pressure.
struct ResponseWriter: Sendable {
    let channel: any Channel

    /// Writes one part, and returns when the kernel has accepted it.
    ///
    /// Small responses do not wait while the client keeps up. Their unwritten bytes count against the channel's water
    /// mark, so later responses wait.
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
