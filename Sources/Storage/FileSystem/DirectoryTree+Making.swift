import Glibc
import Synchronization

extension DirectoryTree {
    /// Makes `path` and every directory that is missing above it; on failure nothing that was made is left.
    ///
    /// - Returns: Those that were made, the outermost first.
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

    /// What is to be made for `path` to be there, the outermost first, from the last directory on that is known to be
    /// there; `path` alone where less is known.
    private func missing(of path: String) -> [String] {
        unsynced.withLock { marks in
            var missing = [path]
            while missing.count <= 16 {
                let parent = FilePath.parent(of: missing[missing.count - 1])
                // Of two, the outer one is rather there than not.
                if marks.seen.contains(parent) { return missing.count > 2 ? missing.reversed() : [path] }
                missing.append(parent)
            }
            return [path]
        }
    }

    /// Makes a directory, and where that fails those above it before.
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

    /// Runs `body`, which makes a name at `path`, and makes the directories above it when they are missing.
    ///
    /// - Parameter made: Gains the directories that were made; they are removed again when `body` fails.
    func making<Value: ~Copyable>(
        _ path: String,
        made: inout [String],
        _ body: () throws(SystemError) -> Value
    ) throws(SystemError) -> Value {
        // More than once: writers that fail remove the directories that they made, perhaps between our two calls.
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
                // Another process may have made it.
                if error.code == EEXIST { marks.mark(path) }
                return error
            }
        }
        guard let failure else { return true }
        guard failure.code == EEXIST else { throw failure }
        let status = try calls.status(of: path)
        // A dangling symbolic link exists for mkdir(2) alone: nothing is made through it.
        guard let status else { throw failure }
        guard status.kind == .directory else { throw SystemError(call: .makeDirectory, code: ENOTDIR) }
        return false
    }
}
