import NIOCore

/// Writes answers to one connection, in order, with back-pressure.
struct AnswerWriter: Sendable {
    /// The connection.
    let channel: any Channel

    /// Writes one part, and returns when the kernel has taken it.
    ///
    /// A small answer does not wait for that while the client keeps up: what was left unwritten of it counts against
    /// the channel's water mark, so the answer after it waits.
    func write(_ part: AnswerPart) async throws {
        if part.isSmall, channel.isWritable {
            channel.writeAndFlush(part, promise: nil)
        } else {
            try await channel.writeAndFlush(part)
        }
    }
}

extension AnswerPart {
    fileprivate var isSmall: Bool {
        switch self {
        case .whole(_, let body): (body?.readableBytes ?? 0) <= 16 << 10
        case .interim, .head, .end: true
        case .bytes, .file: false
        }
    }
}
