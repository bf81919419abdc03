import Glibc
import Synchronization

extension DirectoryTree {
    /// Creates `path` and every missing directory above it. On failure, removes those it created.
    ///
    /// - Returns: The created directories, outermost first.
    func make(_ path: String) throws(SystemError) -> [String] {
        let missing = missing(of: path)
        guard missing.count > 1 else { return try makeAll(path) }
        var made: [String] = []
        do throws(SystemError) {
            for directory in missing where try makeOne(directory) { made.append(directory) }
            return made
        } catch let error where error.code == ENOENT {
            unsynced.withLock { $0.seen.removeAll() }
            unmake(made)
            return try makeAll(path)
        } catch {
            unmake(made)
            throw error
        }
    }

    /// The directories to create for `path`, outermost first, starting below the nearest one known to exist; only
    /// `path` if none is known.
    private func missing(of path: String) -> [String] {
        unsynced.withLock { marks in
            var missing = [path]
            while missing.count <= 16 {
                let parent = FilePath.parent(of: missing[missing.count - 1])
                // If only two are missing, the outer one probably exists.
                if marks.seen.contains(parent) { return missing.count > 2 ? missing.reversed() : [path] }
                missing.append(parent)
            }
            return [path]
        }
    }

    /// Creates a directory; if that fails because a parent is missing, creates the parents first.
    private func makeAll(_ path: String) throws(SystemError) -> [String] {
        do {
            return try makeOne(path) ? [path] : []
        } catch let error where error.code == ENOENT && path != FilePath.parent(of: path) {
            let outer = try makeAll(FilePath.parent(of: path))
            do {
                return try makeOne(path) ? outer + [path] : outer
            } catch {
                unmake(outer)
                throw error
            }
        }
    }

    /// Runs `body`, which creates a name at `path`, creating missing directories above it.
    ///
    /// - Parameter made: Receives the created directories; they are removed again if `body` fails.
    func making<Value: ~Copyable>(
        _ path: String,
        made: inout [String],
        _ body: () throws(SystemError) -> Value
    ) throws(SystemError) -> Value {
        // Retries, because failing writers remove the directories they created, possibly between the two calls.
        var attempts = 100
        while true {
            do {
                let value = try body()
                unsynced.withLock { $0.see(FilePath.parent(of: path)) }
                return value
            } catch {
                guard error.code == ENOENT, attempts > 0 else {
                    unmake(made)
                    throw error
                }
            }
            attempts -= 1
            do {
                made += try make(FilePath.parent(of: path))
            } catch {
                guard error.code == ENOENT, attempts > 0 else {
                    unmake(made)
                    throw error
                }
            }
        }
    }

    private func makeOne(_ path: String) throws(SystemError) -> Bool {
        let failure: SystemError? = unsynced.withLock { marks in
            do throws(SystemError) {
                try calls.makeDirectory(path)
                marks.mark(path)
                return nil
            } catch {
                // Another process may have created it.
                if error.code == EEXIST { marks.mark(path) }
                return error
            }
        }
        guard let failure else { return true }
        guard failure.code == EEXIST else { throw failure }
        guard let status = try calls.status(of: path) else {
            // For mkdir(2) a dangling symbolic link exists; nothing is created through it.
            if try calls.statusWithoutFollowing(path) != nil { throw failure }
            // A failing writer has just removed the directory that it had created.
            throw SystemError(call: .makeDirectory, code: ENOENT)
        }
        guard status.kind == .directory else { throw SystemError(call: .makeDirectory, code: ENOTDIR) }
        return false
    }
}
