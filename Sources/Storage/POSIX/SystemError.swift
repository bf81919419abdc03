import Glibc

/// A system call that failed.
struct SystemError: Error, Equatable, CustomStringConvertible {
    /// Which one.
    let call: SystemCall
    /// Its `errno`.
    let code: Int32

    /// What the C library says of the code, such as "No space left on device".
    var description: String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }

    /// Whether it says that nothing stands under the path, or that nothing can.
    var isAbsence: Bool { code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG }
}

extension StorageError {
    /// Says of `key` why it could not be read.
    init(reading key: ObjectKey, _ error: SystemError) {
        switch error.code {
        // ENXIO: what stands there is a socket.
        case EACCES, EPERM, EISDIR, EINVAL, ELOOP, ENXIO: self = .unreadable(key, reason: error.description)
        default: self = .failing(key, reason: error.description)
        }
    }

    /// Says of `key` why it could not be written.
    init(writing key: ObjectKey, _ error: SystemError) {
        switch error.code {
        case ENOSPC, EDQUOT: self = .full(key, reason: error.description)
        default: self = .unwritable(key, reason: error.description)
        }
    }
}
