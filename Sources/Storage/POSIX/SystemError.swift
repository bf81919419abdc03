import Glibc

/// A failed system call.
struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The call.
    let call: SystemCall
    /// Its `errno`.
    let code: Int32

    /// The C library's message for the code, such as "No space left on device".
    var description: String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }

    /// Whether it means that nothing exists at the path, or can exist there.
    var isAbsence: Bool { code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG }
}

extension StorageError {
    /// An error for a failure to read `key`.
    init(reading key: ObjectKey, _ error: SystemError) {
        switch error.code {
        // ENXIO: it is a socket.
        case EACCES, EPERM, EISDIR, EINVAL, ELOOP, ENXIO: self = .unreadable(key, reason: error.description)
        default: self = .failing(key, reason: error.description)
        }
    }

    /// An error for a failure to write `key`.
    init(writing key: ObjectKey, _ error: SystemError) {
        switch error.code {
        case ENOSPC, EDQUOT: self = .full(key, reason: error.description)
        default: self = .unwritable(key, reason: error.description)
        }
    }
}
