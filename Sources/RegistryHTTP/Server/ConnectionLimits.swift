import NIOCore
import Synchronization

/// How much all connections together may take: `http.limits`.
package struct ConnectionLimits: Sendable {
    /// The most connections at once; further ones wait to be accepted. Nil for as many as there are file descriptors for.
    package var connectionCount: Int?
    /// The requests of HTTP/2 that are under way, on all connections together.
    let streams: StreamLimit
    /// The connections there are, which decides how much is read from one at once.
    let connections = ConnectionCount()

    /// - Parameters:
    ///   - connectionCount: The most connections at once; nil for as many as there are file descriptors for.
    ///   - streamCount: The most requests of HTTP/2 at once; further ones are refused, and may be sent again.
    package init(connectionCount: Int? = nil, streamCount: Int = 2000) {
        self.connectionCount = connectionCount
        self.streams = StreamLimit(streamCount)
    }
}

/// Counts the connections of a server.
final class ConnectionCount: Sendable {
    private let open = OpenChannels()

    /// Counts a connection until it is closed, and returns how many bytes may be read from it at once. Few connections are
    /// read in large pieces, which is quick; of many, each may keep a piece or two in memory for as long as it likes.
    func authorize(_ channel: any Channel) -> Int {
        let count = open.add(channel)
        return count <= 32 ? 256 << 10 : count <= 256 ? 64 << 10 : 16 << 10
    }
}

/// Counts the streams of HTTP/2 of a server. Each may hold a response that its client does not take.
final class StreamLimit: Sendable {
    private let limit: Int
    private let open = OpenChannels()

    init(_ limit: Int) { self.limit = limit }

    /// Counts a stream until it is closed.
    ///
    /// - Throws: ``TooManyStreams``; the stream is to be reset then, which closes it.
    func authorize(_ stream: any Channel) throws(TooManyStreams) {
        guard open.add(stream) <= limit else { throw TooManyStreams() }
    }
}

/// How many channels are open.
private final class OpenChannels: Sendable {
    private let count = Atomic(0)

    /// Counts a channel until it is closed, and returns how many there are with it.
    func add(_ channel: any Channel) -> Int {
        channel.closeFuture.whenComplete { [self] _ in count.subtract(1, ordering: .relaxed) }
        return count.add(1, ordering: .relaxed).newValue
    }
}

/// More requests are under way than may be.
struct TooManyStreams: Error, CustomStringConvertible {
    var description: String { "too many requests at once" }
}
