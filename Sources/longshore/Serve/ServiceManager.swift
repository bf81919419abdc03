import Foundation
import Glibc

/// The service manager that started this process: systemd, or another one with systemd's protocol.
///
/// sd_notify(3), sd_listen_fds(3).
struct ServiceManager: Sendable {
    private let socketPath: String?
    /// The socket it opened for this process; nil without socket activation.
    let inheritedSocket: Int32?

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        socketPath = environment["NOTIFY_SOCKET"]
        let isMeant = environment["LISTEN_PID"] == "\(getpid())"
        let count = environment["LISTEN_FDS"].flatMap { Int($0) } ?? 0
        // The first descriptor after the three standard ones.
        inheritedSocket = isMeant && count > 0 ? 3 : nil
    }

    /// Sends it a message, if it wants any. Failures are ignored: nothing here depends on delivery.
    func tell(_ message: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(socketPath.utf8)
        // Abstract socket names begin with a zero byte.
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = sendto(descriptor, message, message.utf8.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
    }

    /// The clock with which systemd identifies the start of a reload.
    static var monotonicMicroseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }
}
