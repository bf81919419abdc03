import Glibc
import Synchronization

/// Creates directories, and tracks which directories and names are not durable yet.
///
/// A directory is durable once its parent is synced. Before acknowledging an object, a writer syncs the directory with
/// the new name and every directory above it not known to be durable: directories that another writer has just created
/// and not yet synced, or that were created for an upload, which syncs nothing.
final class DirectoryTree: Sendable {
    let calls: SystemCalls
    /// Locked while a directory is created or removed, so that anyone who sees the directory also sees its mark.
    let unsynced = Mutex(DirectoryMarks())

    init(calls: SystemCalls) { self.calls = calls }

    /// Removes those of `made` that are still empty, after the operation they were created for has failed.
    func unmake(_ made: [String]) {
        for path in made.reversed() {
            calls.tidy { () throws(SystemError) in try remove(path) }
        }
    }

    /// Removes an empty directory.
    func remove(_ path: String) throws(SystemError) {
        try unsynced.withLock { marks throws(SystemError) in
            try calls.removeDirectory(path)
            marks.tokens[path] = nil
            marks.failed.remove(path)
            marks.seen.remove(path)
        }
    }

    /// Renames the directory at `path` to a name that no reader will use.
    func setAside(_ path: String, as name: String) throws(SystemError) {
        let below = FilePath.join(path, "")
        try unsynced.withLock { marks throws(SystemError) in
            try calls.rename(path, to: name)
            marks.seen.remove(path)
            marks.tokens = marks.tokens.filter { $0.key != path && !$0.key.utf8.starts(with: below.utf8) }
            if !marks.failed.isEmpty {
                marks.failed = marks.failed.filter { $0 != path && !$0.utf8.starts(with: below.utf8) }
            }
        }
    }

    /// Runs `body`, which changes names in the directories `paths` and makes the changes durable. Until it finishes,
    /// ``ensureDurable(_:)`` syncs these directories too.
    func changing<Value>(
        _ paths: Set<String>,
        _ body: () throws(SystemError) -> Value
    ) throws(SystemError) -> Value {
        begin(paths)
        do {
            let value = try body()
            leave(paths)
            return value
        } catch {
            // It may have created a name anyway. If that cannot be made durable now, the next writer has to do it.
            calls.tidy { () throws(SystemError) in
                for path in paths where !hasFailed(path) {
                    _ = try calls.absent { () throws(SystemError) in try sync(path) }
                }
                leave(paths)
            }
            throw error
        }
    }

    /// Registers a writer that changes names in `paths`.
    func begin(_ paths: Set<String>) {
        unsynced.withLock { marks in
            for path in paths { marks.writers[path, default: 0] += 1 }
        }
    }

    /// Unregisters a writer that changed names in `paths`.
    func leave(_ paths: Set<String>) {
        unsynced.withLock { marks in
            for path in paths {
                let count = marks.writers[path] ?? 1
                marks.writers[path] = count == 1 ? nil : count - 1
            }
        }
    }

    /// Makes the names in `path` durable if one of our writers may not have done so yet.
    ///
    /// - Throws: `EIO` also if this failed earlier for the directory.
    func ensureDurable(_ path: String) throws(SystemError) {
        guard !hasFailed(path) else { throw SystemError(call: .syncFile, code: EIO) }
        guard !isSettled(path) else { return }
        // If the directory does not exist, there is no name to lose.
        _ = try calls.absent { () throws(SystemError) in try sync(path) }
    }

    /// Whether no writer is changing names in `path` or its own name, and all are durable.
    func isSettled(_ path: String) -> Bool {
        unsynced.withLock { $0.writers[path] == nil && $0.tokens[path] == nil && !$0.failed.contains(path) }
    }

    /// Whether syncing the names in `path` has ever failed.
    func hasFailed(_ path: String) -> Bool { unsynced.withLock { $0.failed.contains(path) } }

    private func syncOne(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try calls.syncDirectory(path)
        } catch {
            if !error.isAbsence { unsynced.withLock { _ = $0.failed.insert(path) } }
            throw error
        }
    }

    /// Makes the names in `path` durable, and its own name, up to the first directory known to be durable.
    func sync(_ path: String) throws(SystemError) {
        try syncOne(path)
        var chain: [(path: String, token: UInt64?)] = []
        var current = path
        while let token = unsynced.withLock({ $0.tokens[current] }) {
            chain.append((current, token))
            current = FilePath.parent(of: current)
            try syncOne(current)
        }
        // Only now: if marks were cleared before a failure further up, the next writer would stop there.
        forget(chain)
    }

    /// Makes the names in `paths` durable like ``sync(_:)``, using `syncAll`, which makes everything durable.
    func sync(_ paths: some Sequence<String>, by syncAll: () throws(SystemError) -> Void) throws(SystemError) {
        let marks = marks(of: paths)
        do throws(SystemError) {
            try syncAll()
        } catch {
            fail(paths)
            throw error
        }
        forget(marks)
    }

    /// The marks of `paths` and of the directories above them that may not be durable. Clear them with ``forget(_:)``
    /// after a sync of everything that starts later.
    func marks(of paths: some Sequence<String>) -> [(path: String, token: UInt64?)] {
        unsynced.withLock { state in
            var marks: [(path: String, token: UInt64?)] = []
            for path in paths {
                var current = path
                while let token = state.tokens[current] {
                    marks.append((current, token))
                    current = FilePath.parent(of: current)
                }
            }
            return marks
        }
    }

    /// Records that syncing the names in `paths` failed.
    func fail(_ paths: some Sequence<String>) { unsynced.withLock { $0.failed.formUnion(paths) } }

    /// Clears the marks of directories that a sync has made durable.
    func forget(_ entries: [(path: String, token: UInt64?)]) {
        unsynced.withLock { marks in
            // A directory that was removed and recreated meanwhile has a different token and keeps its mark.
            for entry in entries where marks.tokens[entry.path] == entry.token { marks.tokens[entry.path] = nil }
        }
    }
}
