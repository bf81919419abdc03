import Glibc
import NIOCore

/// The run of the system that this process is in: what was not synced may be gone in the next one.
package enum SystemBoot {
    /// Another text at each start of the system (random(4)); empty where the system tells none.
    package static let id: String = {
        do {
            let file = try SystemCalls().open("/proc/sys/kernel/random/boot_id", O_RDONLY)
            return String(buffer: try file.read(at: 0, byteCount: 64)).filter { !$0.isWhitespace }
        } catch {
            return ""
        }
    }()
}
