import NIOCore
import NIOHTTP1
import Storage

/// What a connection hands down its pipeline: an answer, whole or in pieces.
///
/// NIO completes the promise of a part's write when all of it has been given to the kernel.
enum AnswerPart: Sendable {
    /// An informational head, before the answer.
    case interim(HTTPResponseHead)
    /// An answer with all its bytes.
    case whole(HTTPResponseHead, ByteBuffer?)
    /// An answer whose body the kernel sends from a file.
    case file(HTTPResponseHead, FileBody)
    /// The beginning of an answer in pieces: any number of ``bytes(_:)`` and one ``end`` must follow.
    case head(HTTPResponseHead)
    /// A piece of the body.
    case bytes(ByteBuffer)
    /// The end of an answer in pieces.
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
