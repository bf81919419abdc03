package import NIOCore
import RegistryCore

/// The body of a request: a stream of buffers that can be read once, with back-pressure down to the client's socket.
///
/// A client that sent `Expect: 100-continue` gets the `100 Continue` at the first read.
package struct RequestBody: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    private enum Source {
        case memory([ByteBuffer])
        case connection(IncomingBody)
    }

    /// The size announced by the client; nil for a chunked body.
    package let declaredByteCount: Int64?

    private let source: Source

    /// A body in memory.
    package init(_ buffers: ByteBuffer...) {
        source = .memory(buffers)
        declaredByteCount = Int64(buffers.reduce(0) { $0 + $1.readableBytes })
    }

    /// A body that is still arriving.
    init(_ incoming: IncomingBody) {
        source = .connection(incoming)
        declaredByteCount = incoming.declaredByteCount
    }

    /// Collects the whole body and passes it to `work`; large bodies wait for their turn.
    ///
    /// - Throws: ``BodyTooLarge`` when it has more than `limit` bytes, before reading it if the client announced the
    ///   size; the stream's error when the connection fails: ``ConnectionLost`` or a parser's error;
    ///   `RegistryError.unavailable` when other bodies use up the memory for documents; ``BodyTooSlow`` when it takes
    ///   longer than a document may.
    package func withDocument<Value>(
        upTo limit: Int,
        _ work: (ByteBuffer) async throws -> Value
    ) async throws -> Value {
        let (whole, reservation) = try await collect(upTo: limit)
        defer { withExtendedLifetime(reservation) {} }
        return try await HeavyWork.arrivingDocuments.perform(whole.readableBytes) { try await work(whole) }
    }

    /// The whole body in one buffer, and the memory reservation for it.
    private func collect(upTo limit: Int) async throws -> (ByteBuffer, BufferPool.Reservation?) {
        if let declaredByteCount, declaredByteCount > Int64(limit) { throw BodyTooLarge(limit: limit) }
        let deadline = ContinuousClock.now + Self.documentTimeout
        var whole = ByteBuffer()
        var reservation: BufferPool.Reservation?
        for try await var buffer in self {
            let byteCount = whole.readableBytes + buffer.readableBytes
            guard byteCount <= limit else { throw BodyTooLarge(limit: limit) }
            guard ContinuousClock.now < deadline else { throw BodyTooSlow() }
            // Buffers grow by doubling.
            if byteCount > reservation?.byteCount ?? Self.freeByteCount {
                let wanted = Swift.min(2 * byteCount, limit)
                guard let larger = BufferPool.documents.reserve(wanted) else {
                    throw RegistryError.unavailable(reason: "too many large documents are arriving at once")
                }
                reservation = larger
            }
            if whole.readableBytes == 0 { whole = buffer } else { whole.writeBuffer(&buffer) }
        }
        return (whole, reservation)
    }

    /// Documents up to this size need no reservation.
    private static let freeByteCount = 64 << 10
    /// How long a document may take to arrive.
    private static let documentTimeout = Duration.seconds(300)

    package func makeAsyncIterator() -> AsyncIterator {
        switch source {
        case .memory(let buffers): AsyncIterator(remaining: buffers[...], incoming: nil)
        case .connection(let incoming): AsyncIterator(remaining: [], incoming: incoming)
        }
    }

    /// An iterator over a body. A second iterator over an arriving body continues where the first one stopped.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var remaining: ArraySlice<ByteBuffer>
        fileprivate let incoming: IncomingBody?

        /// The next bytes, never an empty buffer from a connection; nil at the end of the body.
        ///
        /// - Throws: ``ConnectionLost`` when the connection ends before the body.
        package mutating func next() async throws -> ByteBuffer? {
            guard let incoming else { return remaining.popFirst() }
            return try await incoming.next()
        }
    }
}

/// A body has more bytes than the server keeps in memory.
package struct BodyTooLarge: Error, Equatable, CustomStringConvertible {
    /// The size limit.
    package let limit: Int

    package init(limit: Int) { self.limit = limit }

    package var description: String { "the body has more than \(limit) bytes" }
}

/// A document took too long to arrive.
package struct BodyTooSlow: Error, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String { "the body took too long to arrive" }
}

/// The client disconnected before its request was complete, or continued it with something other than HTTP.
package struct ConnectionLost: Error, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String { "the connection ended before the request was complete" }
}
