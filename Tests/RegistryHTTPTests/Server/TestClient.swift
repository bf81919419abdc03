import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A TCP connection that sends and receives exactly the given bytes.
///
/// Its calls block, so they belong on a separate thread: see ``withClient(of:_:)``. Reads fail after 120 seconds, so
/// that a hanging server fails the test rather than hanging it.
final class TestClient {
    enum Failure: Error {
        case refused
        case timedOut
        case reset
        case endedEarly(received: Int)
        case malformedHead(String)
    }

    private var socket: Int32
    private var unread: [UInt8] = []

    /// - Parameter receiveBufferByteCount: The kernel's buffer size for this client, if it should be small.
    init(port: Int, receiveBufferByteCount: Int32? = nil) throws {
        #if canImport(Glibc)
            socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #endif
        if var byteCount = receiveBufferByteCount {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &byteCount, socklen_t(MemoryLayout<Int32>.size))
        }
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.refused }
    }

    deinit { hangUp() }

    /// Closes the connection, even with unread data.
    func hangUp() {
        if socket >= 0 { close(socket) }
        socket = -1
    }

    /// Ends the sending side, and keeps receiving.
    func endSending() { shutdown(socket, Int32(SHUT_WR)) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(socket, $0.baseAddress, $0.count) }
            guard count > 0 else { throw errno == EAGAIN ? Failure.timedOut : Failure.reset }
            sent += count
        }
    }

    /// Up to `limit` bytes; none at the end of the stream.
    func receive(_ limit: Int = 64 << 10) throws -> [UInt8] {
        if !unread.isEmpty {
            let bytes = Array(unread.prefix(limit))
            unread.removeFirst(bytes.count)
            return bytes
        }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { read(socket, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw errno == EAGAIN ? Failure.timedOut : Failure.reset }
        return Array(bytes.prefix(count))
    }

    /// Exactly `count` bytes, in reads of at most `step` each.
    func receive(exactly count: Int, step: Int = 64 << 10) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let more = try receive(min(step, count - bytes.count))
            guard !more.isEmpty else { throw Failure.endedEarly(received: bytes.count) }
            bytes += more
        }
        return bytes
    }

    /// The number of bytes before the stream ends or is reset.
    func countToEnd() throws -> Int {
        var count = 0
        do {
            while case let bytes = try receive(), !bytes.isEmpty { count += bytes.count }
        } catch Failure.reset {}
        return count
    }

    /// The head of the next response.
    func receiveHead() throws -> TestAnswer {
        var head: [UInt8] = []
        while !head.ends(with: Array("\r\n\r\n".utf8)) {
            let more = try receive(unread.isEmpty ? 64 << 10 : 1)
            guard let first = more.first else { throw Failure.endedEarly(received: head.count) }
            head.append(first)
            unread = more.dropFirst() + unread
        }
        guard let answer = TestAnswer(head: String(decoding: head, as: UTF8.self)) else {
            throw Failure.malformedHead(String(decoding: head, as: UTF8.self))
        }
        return answer
    }

    /// The next response. Pass false for the response to a HEAD, which has a length and no body.
    func receiveAnswer(withBody hasBody: Bool = true) throws -> TestAnswer {
        var answer = try receiveHead()
        if hasBody, let length = answer["content-length"].flatMap({ Int($0) }) {
            answer.body = try receive(exactly: length)
        }
        return answer
    }

    /// Sends a request and reads its response.
    func exchange(_ request: String, withBody hasBody: Bool = true) throws -> TestAnswer {
        try send(request)
        return try receiveAnswer(withBody: hasBody)
    }
}

/// Runs blocking client code on a separate thread, away from those that the server uses.
func withClient<Result: Sendable>(
    of port: Int,
    receiveBufferByteCount: Int32? = nil,
    _ body: @escaping @Sendable (TestClient) throws -> Result
) async throws -> Result {
    try await clientThreads.runIfActive {
        try body(TestClient(port: port, receiveBufferByteCount: receiveBufferByteCount))
    }
}

private let clientThreads: NIOThreadPool = {
    let threads = NIOThreadPool(numberOfThreads: 64)
    threads.start()
    return threads
}()

extension [UInt8] {
    fileprivate func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}
