import Glibc
import Synchronization

/// Watches whether a storage's root is still the directory that was opened.
///
/// A disk that is unmounted leaves an empty directory in its place. What is missing there is not gone, and what is
/// written there is lost when the disk returns: every call fails until it does.
package final class RootWatch: Sendable {
    private let root: String
    private let identity: FileStatus.Identity?
    private let isReplacedNow = Atomic(false)
    private let observer = Mutex<(@Sendable (_ isReplaced: Bool) -> Void)?>(nil)

    /// Begins to watch the directory that is at `root` now.
    init(_ root: String) {
        self.root = root
        identity = Self.identity(of: root)
    }

    /// Whether another directory was in its place, or none, when somebody last looked.
    package var isReplaced: Bool { isReplacedNow.load(ordering: .relaxed) }

    /// Has `observer` called when the directory is replaced, and when it is back. It must return quickly.
    package func observe(_ observer: @escaping @Sendable (_ isReplaced: Bool) -> Void) {
        self.observer.withLock { $0 = observer }
    }

    /// Looks at the directory, on a thread that may block.
    ///
    /// - Throws: ``StorageError/unusableRoot(path:reason:)`` if it is another one, or none is there.
    func check() throws(StorageError) {
        let isReplaced = identity != nil && Self.identity(of: root) != identity
        if isReplacedNow.exchange(isReplaced, ordering: .relaxed) != isReplaced {
            observer.withLock { $0 }?(isReplaced)
        }
        guard isReplaced else { return }
        throw .unusableRoot(path: root, reason: "another directory is in its place; was a disk unmounted?")
    }

    /// Not by ``SystemCalls``: it is no call of the store, and tests count those.
    private static func identity(of path: String) -> FileStatus.Identity? {
        var status = stat()
        return stat(path, &status) == 0 ? FileStatus(status).identity : nil
    }
}
