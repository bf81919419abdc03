import Glibc
import Synchronization

/// The files whose bytes could not be made durable. The kernel reports that only once and considers the bytes written
/// from then on: a second fsync(2) succeeds silently (fsync(2), "NOTES"). Such files are never synced again.
final class LostFiles: Sendable {
    private let identities = Mutex<Set<FileStatus.Identity>>([])

    /// Makes the bytes of a file durable.
    ///
    /// - Throws: `EIO` also if this failed earlier for the file.
    func sync(_ file: borrowing OpenFile, _ identity: FileStatus.Identity) throws(SystemError) {
        guard !identities.withLock({ $0.contains(identity) }) else { throw SystemError(call: .syncFile, code: EIO) }
        do throws(SystemError) {
            try file.sync()
        } catch {
            identities.withLock { _ = $0.insert(identity) }
            throw error
        }
    }

    /// Whether syncing a file has failed.
    func contains(_ identity: FileStatus.Identity) -> Bool { identities.withLock { $0.contains(identity) } }

    /// Records a file that failed to sync.
    func add(_ identity: FileStatus.Identity) { identities.withLock { _ = $0.insert(identity) } }

    /// Forgets a removed file: another file may get its inode number.
    func forget(_ identity: FileStatus.Identity) { identities.withLock { _ = $0.remove(identity) } }
}
