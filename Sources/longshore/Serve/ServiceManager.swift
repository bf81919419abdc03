import Foundation
import Glibc

/// The process that has started this one as a service: systemd, or another that speaks as it does.
///
/// sd_notify(3), sd_listen_fds(3).
struct ServiceManager: Sendable {
    private let socketPath: String?
    /// The socket that it listens at for this process; nil when it does not.
    let inheritedSocket: Int32?

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        socketPath = environment["NOTIFY_SOCKET"]
        let isMeant = environment["LISTEN_PID"] == "\(getpid())"
        let count = environment["LISTEN_FDS"].flatMap { Int($0) } ?? 0
        // The first descriptor behind the three that every process has.
        inheritedSocket = isMeant && count > 0 ? 3 : nil
    }

    /// Tells it something, if it listens. What it does not take is lost: nothing here depends on it.
    func tell(_ message: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(socketPath.utf8)
        // A name of the abstract kind begins with a zero.
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

    /// The clock by which systemd knows a reload's beginning.
    static var monotonicMicroseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }
}
