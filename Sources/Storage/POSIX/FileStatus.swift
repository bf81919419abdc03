import Glibc

/// The status of a file.
struct FileStatus: Sendable {
    /// The file system and the inode: equal for two names of one file.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    /// The file's identity.
    let identity: Identity
    /// The file's kind.
    let kind: ObjectAttributes.Kind
    /// Whether it is a symbolic link. Only set if the status was taken without following links.
    let isSymbolicLink: Bool
    /// Its size in bytes.
    let byteCount: Int64
    /// The permissions.
    let mode: mode_t
    /// The times of last access and last modification.
    let times: (accessed: timespec, modified: timespec)

    init(_ status: stat) {
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .object
        case S_IFDIR: kind = .directory
        default: kind = .other
        }
        isSymbolicLink = status.st_mode & S_IFMT == S_IFLNK
        byteCount = Int64(status.st_size)
        mode = status.st_mode & 0o7777
        times = (status.st_atim, status.st_mtim)
    }

    /// The same status as object attributes.
    var attributes: ObjectAttributes {
        let byteCount = kind == .object ? byteCount : 0
        let modified = times.modified.nanosecondsSince1970
        let version = ObjectVersion(byteCount: byteCount, modified: modified, inode: identity.inode)
        return ObjectAttributes(kind: kind, byteCount: byteCount, modified: modified, version: version)
    }
}

extension timespec {
    /// The current time of the system clock.
    static var now: timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }

    /// Nanoseconds since 1970, clamped to the representable range (1678 to 2261).
    var nanosecondsSince1970: Int64 {
        Int64(tv_sec).clampedMultiplied(by: 1_000_000_000).clampedAdding(Int64(tv_nsec))
    }
}
