/// An error from a storage.
///
/// A missing object is not an error: reads return nil.
package enum StorageError: Error, Equatable, CustomStringConvertible {
    /// An operation's source object does not exist.
    case absent(ObjectKey)
    /// The object exists but cannot be read: permissions, a directory instead of a file, or invalid content.
    case unreadable(ObjectKey, reason: String)
    /// The medium is failing, for example with EIO: other objects may be affected too.
    case failing(ObjectKey, reason: String)
    /// The objects' location is temporarily unreachable: other objects may be affected too.
    case unreachable(ObjectKey, reason: String)
    /// The object exceeds the caller's limit.
    case tooLarge(ObjectKey, byteCount: Int64, limit: Int)
    /// A change's condition failed: another writer came first.
    case changed(ObjectKey)
    /// A change came after its batch's deadline, and was not made.
    case expired(ObjectKey)
    /// The object could not be written, for a reason other than lack of space.
    case unwritable(ObjectKey, reason: String)
    /// The file system, quota or inode table is full.
    case full(ObjectKey, reason: String)
    /// The storage was opened read-only.
    case readOnly(ObjectKey)
    /// The root is unusable: missing, a file, inaccessible, or on a file system that cannot hold a registry.
    case unusableRoot(path: String, reason: String)
    /// Another process holds the lock of this root.
    case locked(path: String, holder: String)

    package var description: String {
        switch self {
        case .absent(let key): "\(key) does not exist"
        case .unreadable(let key, let reason): "cannot read \(key): \(reason)"
        case .failing(let key, let reason): "cannot read \(key): \(reason)"
        case .unreachable(let key, let reason): "cannot read \(key): \(reason)"
        case .tooLarge(let key, let byteCount, let limit):
            "\(key) has \(byteCount) bytes, more than the \(limit) allowed"
        case .changed(let key): "\(key) was changed by another writer"
        case .expired(let key): "\(key) was not changed: the request took too long"
        case .unwritable(let key, let reason): "cannot write \(key): \(reason)"
        case .full(let key, let reason): "cannot write \(key): \(reason)"
        case .readOnly(let key): "cannot write \(key): the storage is read-only"
        case .unusableRoot(let path, let reason): "\(path): \(reason)"
        case .locked(let path, let holder): "\(path) is in use by \(holder)"
        }
    }
}

extension StorageError {
    /// Whether the storage refused a change, which therefore cannot take effect later. Otherwise the outcome is
    /// unknown: a request that got no response may still arrive.
    package var isRefusal: Bool {
        switch self {
        case .absent, .changed, .expired, .tooLarge, .readOnly, .locked: true
        case .unreadable, .failing, .unreachable, .unwritable, .full, .unusableRoot: false
        }
    }

    /// Whether only this object is affected, so that the rest of a list can still be returned.
    package var isOfOneObject: Bool {
        switch self {
        case .absent, .unreadable, .tooLarge: true
        case .failing, .unreachable, .changed, .expired, .unwritable, .full, .readOnly, .unusableRoot, .locked: false
        }
    }
}
