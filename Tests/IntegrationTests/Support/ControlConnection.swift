import Foundation
import Glibc

/// A connection to the control socket of a server, for requests that the program itself never sends.
struct ControlConnection {
    /// Sends bytes to the server of `root`, and returns its whole reply.
    static func reply(to bytes: Data, root: String) throws -> String {
        let directory = open("\(root)/longshore", O_RDONLY | O_DIRECTORY)
        let channel = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(channel)
            close(directory)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            // The path of the root may be too long for an address.
            path.copyBytes(from: "/proc/self/fd/\(directory)/control".utf8)
        }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(channel, $0, size) == 0 }
        }
        guard isConnected else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(channel, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        var reply = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(channel, &buffer, buffer.count, 0), count > 0 { reply += buffer.prefix(count) }
        return String(decoding: reply, as: UTF8.self)
    }
}
