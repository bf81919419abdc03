import NIOCore
import Synchronization

/// Limits for all connections together: `http.limits`.
package struct ConnectionLimits: Sendable {
    /// The most concurrent connections; further ones wait to be accepted. Nil for as many as descriptors allow.
    package var connectionCount: Int?
    /// The number of HTTP/2 requests in progress, on all connections together.
    let streams: StreamLimit
    /// The number of connections, which determines how much is read from one at once.
    let connections = ConnectionCount()

    /// - Parameters:
    ///   - connectionCount: The most concurrent connections; nil for a limit based on the file descriptors.
    ///   - streamCount: The most concurrent HTTP/2 requests; further ones are refused and may be retried.
    package init(connectionCount: Int? = nil, streamCount: Int = 2000) {
        self.connectionCount = connectionCount
        self.streams = StreamLimit(streamCount)
    }
}

/// Counts the connections of a server.
final class ConnectionCount: Sendable {
    private let open = OpenChannels()

    /// Counts a connection until it is closed, and returns how many bytes to read from it at once. Large reads are
    /// fast, but every connection may occupy a piece or two indefinitely: with many connections, pieces are small.
    func authorize(_ channel: any Channel) -> Int {
        let count = open.add(channel)
        return count <= 32 ? 256 << 10 : count <= 256 ? 64 << 10 : 16 << 10
    }
}

/// Limits the HTTP/2 streams of a server. Each may hold a response that its client does not read.
final class StreamLimit: Sendable {
    private let limit: Int
    private let open = OpenChannels()

    init(_ limit: Int) { self.limit = limit }

    /// Counts a stream until it is closed.
    ///
    /// - Throws: ``TooManyStreams``; the caller must then reset the stream, which closes it.
    func authorize(_ stream: any Channel) throws(TooManyStreams) {
        guard open.add(stream) <= limit else { throw TooManyStreams() }
    }
}

/// The number of open channels.
private final class OpenChannels: Sendable {
    private let count = Atomic(0)

    /// Counts a channel until it is closed, and returns the count including it.
    func add(_ channel: any Channel) -> Int {
        channel.closeFuture.whenComplete { [self] _ in count.subtract(1, ordering: .relaxed) }
        return count.add(1, ordering: .relaxed).newValue
    }
}

/// More requests are in progress than allowed.
struct TooManyStreams: Error, CustomStringConvertible {
    var description: String { "too many requests at once" }
}

extension Channel {
    /// Limits the bytes that wait in the kernel to be sent on a TCP connection. Otherwise it takes megabytes of every
    /// response that a client does not read, and a few hundred such responses at once delay all others.
    func limitUnsentBytes() throws {
        guard remoteAddress?.port != nil else { return }
        try syncOptions?.setOption(.tcpOption(.unsentLimit), value: 128 << 10)
    }
}

extension NIOBSDSocket.Option {
    /// `TCP_NOTSENT_LOWAT`, as Linux numbers it: a socket with more unsent bytes is not writable.
    fileprivate static let unsentLimit = NIOBSDSocket.Option(rawValue: 25)
}
