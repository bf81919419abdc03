/// What a storage refuses or fails at.
///
/// That an object is absent is no error: reads answer nil.
package enum StorageError: Error, Equatable, CustomStringConvertible {
    /// There is no object under a key that an operation needs as its source.
    case absent(ObjectKey)
    /// The object is there and cannot be read: permissions, a directory where a file should be, content that is not what
    /// it must be.
    case unreadable(ObjectKey, reason: String)
    /// The medium fails, as with EIO: other objects may be affected as well.
    case failing(ObjectKey, reason: String)
    /// Where the objects are cannot be reached now: another may be as well as this one.
    case unreachable(ObjectKey, reason: String)
    /// The object is larger than the caller was ready to take.
    case tooLarge(ObjectKey, byteCount: Int64, limit: Int)
    /// What stands under the key is not what a change was conditioned on: another writer was there first.
    case changed(ObjectKey)
    /// The object could not be written for a reason that is not lack of space.
    case unwritable(ObjectKey, reason: String)
    /// The file system, the quota or its table of inodes is full.
    case full(ObjectKey, reason: String)
    /// The storage was opened for reading alone.
    case readOnly(ObjectKey)
    /// The root is not what it should be: missing, a file, not accessible, on a file system that cannot hold a registry.
    case unusableRoot(path: String, reason: String)
    /// Another process holds the lock of this root.
    case locked(path: String, holder: String)

    package var description: String {
        switch self {
        case .absent(let key): "\(key) does not exist"
        case .unreadable(let key, let reason): "\(key) cannot be read: \(reason)"
        case .failing(let key, let reason): "\(key) cannot be read: \(reason)"
        case .unreachable(let key, let reason): "\(key) cannot be read: \(reason)"
        case .tooLarge(let key, let byteCount, let limit):
            "\(key) has \(byteCount) bytes, more than the \(limit) allowed"
        case .changed(let key): "\(key) was changed by another writer"
        case .unwritable(let key, let reason): "\(key) cannot be written: \(reason)"
        case .full(let key, let reason): "\(key) cannot be written: \(reason)"
        case .readOnly(let key): "\(key) cannot be written: the storage is read-only"
        case .unusableRoot(let path, let reason): "\(path): \(reason)"
        case .locked(let path, let holder): "\(path) is in use by \(holder)"
        }
    }
}

extension StorageError {
    /// Whether this object alone is to blame, so that what else is in a list can be shown.
    package var isOfOneObject: Bool {
        switch self {
        case .absent, .unreadable, .tooLarge: true
        case .failing, .unreachable, .changed, .unwritable, .full, .readOnly, .unusableRoot, .locked: false
        }
    }
}
