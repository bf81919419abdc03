import Glibc

/// System call wrappers that retry on `EINTR` and throw typed errors.
struct SystemCalls: Sendable {
    /// For tests: returns the `errno` a call should fail with instead of being made, or nil to make it.
    ///
    /// It receives the path the call operates on: the new path if there are two, nil for a call on an open file.
    /// `EINTR` makes the call anyway.
    var fault: (@Sendable (SystemCall, _ path: String?) -> Int32?)?
    /// For tests: the maximum number of bytes one call reads or writes.
    var transferLimit = Int.max

    /// Makes one call. `body` returns a negative number and sets `errno` on failure.
    @discardableResult
    func make<Answer: SignedInteger>(
        _ call: SystemCall,
        at path: String? = nil,
        _ body: () -> Answer
    ) throws(SystemError) -> Answer {
        if let code = fault?(call, path), code != EINTR { throw SystemError(call: call, code: code) }
        while true {
            let response = body()
            guard response < 0 else { return response }
            let code = errno
            guard code == EINTR else { throw SystemError(call: call, code: code) }
        }
    }

    /// Opens `path`, adding `O_CLOEXEC` to the flags. A new file gets the permissions the umask allows.
    func open(_ path: String, _ flags: Int32) throws(SystemError) -> OpenFile {
        let descriptor = try make(.open, at: path) { Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, 0o666) }
        return OpenFile(descriptor: descriptor, calls: self)
    }

    /// The status of the file at `path`, following symbolic links; nil if there is none.
    func status(of path: String) throws(SystemError) -> FileStatus? {
        try absent { () throws(SystemError) in
            var status = stat()
            try make(.status, at: path) { stat(path, &status) }
            return FileStatus(status)
        }
    }

    /// The status of `path` itself, without following a symbolic link; nil if nothing exists there.
    func statusWithoutFollowing(_ path: String) throws(SystemError) -> FileStatus? {
        try absent { () throws(SystemError) in
            var status = stat()
            try make(.status, at: path) { lstat(path, &status) }
            return FileStatus(status)
        }
    }

    /// Creates a directory.
    func makeDirectory(_ path: String) throws(SystemError) {
        try make(.makeDirectory, at: path) { mkdir(path, 0o777) }
    }

    /// Creates a hard link at `path` to the file `source`, following symbolic links.
    func link(_ source: String, to path: String) throws(SystemError) {
        try make(.link, at: path) { linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) }
    }

    /// Renames a file or directory, replacing any existing destination.
    func rename(_ path: String, to destination: String) throws(SystemError) {
        try make(.rename, at: destination) { Glibc.rename(path, destination) }
    }

    /// Renames a file, and returns whether that replaced an existing destination.
    func renameNoting(_ path: String, to destination: String) throws(SystemError) -> Bool {
        guard let renameWithFlags = LateBoundCalls.renameWithFlags else {
            return try renameLooking(path, to: destination)
        }
        let mustBeNew: UInt32 = 1  // RENAME_NOREPLACE
        do throws(SystemError) {
            try make(.rename, at: destination) { renameWithFlags(AT_FDCWD, path, AT_FDCWD, destination, mustBeNew) }
            return false
        } catch {
            switch error.code {
            case EEXIST:
                try rename(path, to: destination)
                return true
            // The file system does not support the flag, or the kernel lacks the call.
            case EINVAL, ENOSYS: return try renameLooking(path, to: destination)
            default: throw error
            }
        }
    }

    private func renameLooking(_ path: String, to destination: String) throws(SystemError) -> Bool {
        let isReplacing = try statusWithoutFollowing(destination) != nil
        try rename(path, to: destination)
        return isReplacing
    }

    /// Removes a file name.
    func unlink(_ path: String) throws(SystemError) {
        try make(.unlink, at: path) { Glibc.unlink(path) }
    }

    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(SystemError) {
        try make(.removeDirectory, at: path) { rmdir(path) }
    }

    /// Makes the names in a directory durable. File systems that cannot do this are ignored here: the probe reports
    /// them.
    func syncDirectory(_ path: String) throws(SystemError) {
        let directory = try open(path, O_RDONLY | O_DIRECTORY)
        do {
            try make(.syncDirectory, at: path) { fsync(directory.descriptor) }
        } catch let error where error.code == EINVAL || error.code == ENOTSUP {}
    }

    /// Runs one cleanup step after a failure.
    ///
    /// Its own failure is ignored, because it would mask the original one. Anything left behind has a staging name:
    /// listings hide it, and the sweep for stale staging files removes it.
    func tidy(_ step: () throws(SystemError) -> Void) {
        do { try step() } catch {}
    }

    /// Runs `body`, returning nil if it fails because the path does not exist.
    func absent<Value>(_ body: () throws(SystemError) -> Value) throws(SystemError) -> Value? {
        do { return try body() } catch let error where error.isAbsence { return nil }
    }
}
