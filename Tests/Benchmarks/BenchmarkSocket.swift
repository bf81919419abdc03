import Foundation
import Glibc

/// A blocking connection to a server on this machine.
final class BenchmarkSocket: @unchecked Sendable {
    // Unchecked: each is used by one thread at a time.
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    enum Failure: Error {
        case notConnected
        case ended
        case refused(String)
    }

    /// A response's head, its body if it has one, and the size of both.
    struct Answer {
        let head: String
        let body: [UInt8]
        let wireByteCount: Int

        /// A header field.
        func field(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }
    }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.notConnected }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                guard count > 0 else { throw Failure.ended }
                sent += count
            }
        }
    }

    /// Reads and discards `count` bytes.
    func receive(exactly count: Int) throws {
        var missing = count
        while missing > 0 {
            let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, min(missing, $0.count)) }
            guard got > 0 else { throw Failure.ended }
            missing -= got
        }
    }

    /// Discards `count` bytes without copying them, so that the server is measured, not this program.
    func discard(exactly count: Int) throws {
        var missing = count
        while missing > 0 {
            let got = recv(descriptor, nil, min(missing, 4 << 20), Int32(MSG_TRUNC))
            guard got > 0 else { throw Failure.ended }
            missing -= got
        }
    }

    /// Reads the head of a response whose body is read separately, and returns the body's length.
    func receiveHead() throws -> Int {
        let answer = try receiveAnswer(hasBody: false)
        guard let length = answer.field("Content-Length").flatMap({ Int($0) }) else {
            throw Failure.refused(answer.head)
        }
        return length
    }

    /// Reads one response. A short body, up to 64 KB, is kept.
    func receiveAnswer(hasBody: Bool = true) throws -> Answer {
        let bytes = try receiveHeadBytes()
        let head = String(decoding: bytes, as: UTF8.self)
        guard head.hasPrefix("HTTP/1.1 2") else { throw Failure.refused(head) }
        let answer = Answer(head: head, body: [], wireByteCount: bytes.count)
        if hasBody, answer.field("Transfer-Encoding") == "chunked" {
            return Answer(head: head, body: [], wireByteCount: bytes.count + (try receiveChunks()))
        }
        guard hasBody, let length = answer.field("Content-Length").flatMap({ Int($0) }) else { return answer }
        try receive(exactly: length)
        return Answer(head: head, body: Array(buffer.prefix(length)), wireByteCount: bytes.count + length)
    }

    /// Reads up to and including the empty line that ends a head. It peeks before reading: a call for each byte would
    /// measure this program, not the server.
    private func receiveHeadBytes() throws -> [UInt8] {
        let end: [UInt8] = [13, 10, 13, 10]
        while true {
            let seen = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_PEEK)) }
            guard seen > 0 else { throw Failure.ended }
            if let start = buffer[..<seen].firstRange(of: end) {
                try receive(exactly: start.upperBound)
                return Array(buffer[..<start.upperBound])
            }
            guard seen < buffer.count else { throw Failure.ended }
        }
    }

    /// Reads a chunked body and returns its size on the wire.
    private func receiveChunks() throws -> Int {
        var total = 0
        while true {
            var line: [UInt8] = []
            while line.suffix(2) != [13, 10] {
                try receive(exactly: 1)
                line.append(buffer[0])
            }
            let count = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) ?? 0
            try receive(exactly: count + 2)
            total += line.count + count + 2
            if count == 0 { return total }
        }
    }

    /// Sends a request with a body and reads its response.
    func exchange(_ method: String, _ path: String, type: String = "application/octet-stream", _ body: [UInt8] = [])
        throws -> Answer
    {
        try send(Self.head(method, path, type: type, byteCount: body.count) + body)
        return try receiveAnswer(hasBody: method != "HEAD")
    }

    /// Sends the head of a request whose body follows.
    func sendHead(_ method: String, _ path: String, type: String = "application/octet-stream", byteCount: Int) throws {
        try send(Self.head(method, path, type: type, byteCount: byteCount))
    }

    private static func head(_ method: String, _ path: String, type: String, byteCount: Int) -> [UInt8] {
        let lines = [
            "\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Content-Type: \(type)", "Content-Length: \(byteCount)",
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
