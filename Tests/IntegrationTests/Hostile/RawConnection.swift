import Glibc

/// A connection that sends exactly the given bytes, and reads whatever comes back.
final class RawConnection {
    /// The outcome of a request.
    enum Outcome: Equatable {
        /// Responses and then the end; with the first one's status.
        case answered(status: Int, count: Int)
        /// The end came without a response.
        case closed
        /// Neither came in time.
        case silence
    }

    private let descriptor: Int32

    /// Connects, or fails with nil.
    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Sends pieces in separate segments, ends its side, and reads everything that comes back.
    func exchange(_ pieces: [[UInt8]]) -> (outcome: Outcome, bytes: [UInt8]) {
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        for piece in pieces { guard sendAll(piece) else { break } }
        shutdown(descriptor, Int32(SHUT_WR))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { received += buffer.prefix(count) }
            if count == 0 || count < 0 && errno != EAGAIN { return (Self.outcome(of: received), received) }
            if count < 0 { return (.silence, received) }
        }
    }

    /// Sends bytes, and returns whether all of them were accepted.
    func sendAll(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // The server may have disconnected early: read what it has sent all the same.
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    static func outcome(of bytes: [UInt8]) -> Outcome {
        let text = String(decoding: bytes, as: UTF8.self)
        let statuses = text.matches(of: #/HTTP/1\.1 (\d{3}) /#).compactMap { Int($0.1) }.filter { $0 >= 200 }
        guard let first = statuses.first else { return .closed }
        return .answered(status: first, count: statuses.count)
    }
}
