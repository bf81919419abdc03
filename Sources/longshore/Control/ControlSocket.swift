import Foundation
import Glibc

/// The socket through which commands reach the server of a directory: `longshore/control` below the root.
///
/// A connection carries one ``ControlRequest`` line, then ``ControlReply`` lines, all of them JSON.
/// Only root and the user the server runs as may connect.
final class ControlSocket: Sendable {
    /// The maximum size of a request, in bytes.
    static let requestLimit = 1 << 20

    private let directory: Int32

    /// Opens the directory that the socket is in.
    ///
    /// - Throws: An error of POSIX if there is no such directory.
    init(below root: String) throws {
        directory = open("\(root)/longshore", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit { close(directory) }

    /// The path to bind or connect to, valid as long as this value.
    ///
    /// The address of a socket holds at most 107 bytes (unix(7)), and a root may have a longer path.
    var path: String { "/proc/self/fd/\(directory)/control" }

    /// Restricts the socket to its owner.
    func restrict() throws {
        guard chmod(path, 0o600) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    /// Removes the socket.
    func remove() { unlink(path) }
}

/// The process at the other end of a connection: `struct ucred` of unix(7).
struct ControlPeer {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32
}

/// A command's request to the server.
struct ControlRequest: Codable {
    /// The name of the task.
    let task: String
    /// The task itself, as JSON.
    let arguments: Data
}

/// A line that the server sends back.
enum ControlReply: Codable {
    case line(OperatorLine)
    /// The task is over, with this exit status.
    case finished(Int32)
    /// The task failed, for the reason in this sentence.
    case failed(String)
}
