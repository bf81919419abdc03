import Glibc
import Synchronization

/// The files whose bytes could not be made durable. The system reports that once and holds the bytes for written from then
/// on: a second fsync(2) succeeds and says nothing (fsync(2), "NOTES"). So none is ever synced again.
final class LostFiles: Sendable {
    private let identities = Mutex<Set<FileStatus.Identity>>([])

    /// Makes the bytes of a file durable.
    ///
    /// - Throws: `EIO` also for one of which that failed before.
    func sync(_ file: borrowing OpenFile, _ identity: FileStatus.Identity) throws(SystemError) {
        guard !identities.withLock({ $0.contains(identity) }) else { throw SystemError(call: .syncFile, code: EIO) }
        do throws(SystemError) {
            try file.sync()
        } catch {
            identities.withLock { _ = $0.insert(identity) }
            throw error
        }
    }

    /// Whether the bytes of a file could not be made durable.
    func contains(_ identity: FileStatus.Identity) -> Bool { identities.withLock { $0.contains(identity) } }

    /// Notes a file whose bytes could not be made durable.
    func add(_ identity: FileStatus.Identity) { identities.withLock { _ = $0.insert(identity) } }

    /// Forgets a file that is gone: another one may have its number.
    func forget(_ identity: FileStatus.Identity) { identities.withLock { _ = $0.remove(identity) } }
}
