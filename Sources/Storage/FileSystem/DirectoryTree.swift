import Glibc
import Synchronization

/// Makes directories, and knows which of them, and the names in which, are not durable yet.
///
/// A directory is durable when the directory that holds its name was synced. Whoever acknowledges an object syncs the
/// directory that gained the name, and every directory above it of which this is not known: one that another writer
/// made a moment ago and has not synced yet, or that was made for an upload, which syncs nothing.
final class DirectoryTree: Sendable {
    let calls: SystemCalls
    /// Held while a directory is made or removed, so that whoever sees it sees its mark.
    let unsynced = Mutex(DirectoryMarks())

    init(calls: SystemCalls) { self.calls = calls }

    /// Removes those of `made` that are still empty: whatever they were made for has failed.
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

    /// Gives the directory at `path` another name, under which nobody will look for it.
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

    /// Runs `body`, which makes or removes names in the directories `paths` and makes that durable: until it is done,
    /// ``ensureDurable(_:)`` does so too.
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
            // It may have made a name all the same. Where that cannot be made durable now, it is left to others.
            calls.tidy { () throws(SystemError) in
                for path in paths where !hasFailed(path) {
                    _ = try calls.absent { () throws(SystemError) in try sync(path) }
                }
                leave(paths)
            }
            throw error
        }
    }

    /// A writer is at work on the names in `paths`.
    func begin(_ paths: Set<String>) {
        unsynced.withLock { marks in
            for path in paths { marks.writers[path, default: 0] += 1 }
        }
    }

    /// A writer is done with the names in `paths`.
    func leave(_ paths: Set<String>) {
        unsynced.withLock { marks in
            for path in paths {
                let count = marks.writers[path] ?? 1
                marks.writers[path] = count == 1 ? nil : count - 1
            }
        }
    }

    /// Makes the names in `path` durable where a writer of ours may not be done with that yet.
    ///
    /// - Throws: `EIO` also for a directory of which that failed before.
    func ensureDurable(_ path: String) throws(SystemError) {
        guard !hasFailed(path) else { throw SystemError(call: .syncFile, code: EIO) }
        guard !isSettled(path) else { return }
        // Without the directory there is no name to lose.
        _ = try calls.absent { () throws(SystemError) in try sync(path) }
    }

    /// Whether nobody is at work on the names in `path`, or on its own.
    func isSettled(_ path: String) -> Bool {
        unsynced.withLock { $0.writers[path] == nil && $0.tokens[path] == nil && !$0.failed.contains(path) }
    }

    /// Whether the names in `path` could not be made durable once.
    func hasFailed(_ path: String) -> Bool { unsynced.withLock { $0.failed.contains(path) } }

    private func syncOne(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try calls.syncDirectory(path)
        } catch {
            if !error.isAbsence { unsynced.withLock { _ = $0.failed.insert(path) } }
            throw error
        }
    }

    /// Makes the names in `path` durable, and its own name as far up as that is not known to be so.
    func sync(_ path: String) throws(SystemError) {
        try syncOne(path)
        var chain: [(path: String, token: UInt64?)] = []
        var current = path
        while let token = unsynced.withLock({ $0.tokens[current] }) {
            chain.append((current, token))
            current = FilePath.parent(of: current)
            try syncOne(current)
        }
        // Only now: were a part forgotten before a failure further up, the next writer would stop at it.
        forget(chain)
    }

    /// Makes the names in `paths` durable by `syncAll`, which makes everything so, and with them what ``sync(_:)`` does.
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

    /// What makes the names in `paths`, and their own as far up as that is not known, not durable: to be forgotten once
    /// a sync of everything that began later is over.
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

    /// The names in `paths` could not be made durable.
    func fail(_ paths: some Sequence<String>) { unsynced.withLock { $0.failed.formUnion(paths) } }

    /// Forgets what a sync has made durable.
    func forget(_ entries: [(path: String, token: UInt64?)]) {
        unsynced.withLock { marks in
            // A directory that was removed and made again in the meantime has another token, and stays.
            for entry in entries where marks.tokens[entry.path] == entry.token { marks.tokens[entry.path] = nil }
        }
    }
}
