import Glibc

/// The calls to the system that take a path: retried when a signal interrupts them, their errors typed.
struct SystemCalls: Sendable {
    /// Returns the error that a call shall fail with instead of being made, or nil to let it be made: tests alone set it.
    ///
    /// It is told the path on which the call works: the new one of two, and none for a call on an open file.
    /// An interruption, `EINTR`, is followed by the call.
    var fault: (@Sendable (SystemCall, _ path: String?) -> Int32?)?
    /// The most bytes that one call reads or writes: tests alone set it.
    var transferLimit = Int.max

    /// Makes one call: `body` answers a negative number and sets `errno` when it fails.
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

    /// Opens `path`; `O_CLOEXEC` is added to the flags. A file that is made takes the permissions that the umask leaves.
    func open(_ path: String, _ flags: Int32) throws(SystemError) -> OpenFile {
        let descriptor = try make(.open, at: path) { Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, 0o666) }
        return OpenFile(descriptor: descriptor, calls: self)
    }

    /// The status of what `path` leads to, or nil when there is nothing.
    func status(of path: String) throws(SystemError) -> FileStatus? {
        try absent { () throws(SystemError) in
            var status = stat()
            try make(.status, at: path) { stat(path, &status) }
            return FileStatus(status)
        }
    }

    /// The status of `path` itself, should it be a symbolic link; nil when there is nothing.
    func statusWithoutFollowing(_ path: String) throws(SystemError) -> FileStatus? {
        try absent { () throws(SystemError) in
            var status = stat()
            try make(.status, at: path) { lstat(path, &status) }
            return FileStatus(status)
        }
    }

    /// Makes one directory.
    func makeDirectory(_ path: String) throws(SystemError) {
        try make(.makeDirectory, at: path) { mkdir(path, 0o777) }
    }

    /// Makes `path` a second name of the file that `source` leads to.
    func link(_ source: String, to path: String) throws(SystemError) {
        try make(.link, at: path) { linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) }
    }

    /// Gives a file or directory another name, replacing what stood there.
    func rename(_ path: String, to destination: String) throws(SystemError) {
        try make(.rename, at: destination) { Glibc.rename(path, destination) }
    }

    /// Gives a file another name, and returns whether that replaced what stood there.
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
            // The file system does not know the flag, or the kernel the call.
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

    /// Removes a name that is no directory's.
    func unlink(_ path: String) throws(SystemError) {
        try make(.unlink, at: path) { Glibc.unlink(path) }
    }

    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(SystemError) {
        try make(.removeDirectory, at: path) { rmdir(path) }
    }

    /// Makes the names in a directory durable. A file system that cannot do it is taken at its word: the probe reports it.
    func syncDirectory(_ path: String) throws(SystemError) {
        let directory = try open(path, O_RDONLY | O_DIRECTORY)
        do {
            try make(.syncDirectory, at: path) { fsync(directory.descriptor) }
        } catch let error where error.code == EINVAL || error.code == ENOTSUP {}
    }

    /// Runs one step of tidying up behind a failure.
    ///
    /// Its own failure is not reported: it would hide the first, and what stays has a name that no listing shows
    /// and that the sweep for stale staging files finds.
    func tidy(_ step: () throws(SystemError) -> Void) {
        do { try step() } catch {}
    }

    /// Runs `body` and returns nil when it fails because there is nothing.
    func absent<Value>(_ body: () throws(SystemError) -> Value) throws(SystemError) -> Value? {
        do { return try body() } catch let error where error.isAbsence { return nil }
    }
}
