/// The source of a new object's bytes.
package struct LinkSource: Sendable {
    /// The storage that contains them.
    package let storage: any ObjectStorage
    /// Their key there.
    package let key: ObjectKey

    package init(_ key: ObjectKey, in storage: any ObjectStorage) {
        self.storage = storage
        self.key = key
    }

    /// Whether they are in `storage` itself, so that one batch can share them.
    package func isIn(_ storage: any ObjectStorage) -> Bool { self.storage as AnyObject === storage as AnyObject }
}

/// How an object may be linked.
package enum LinkPolicy: Sendable {
    /// A second name for the same file where possible, otherwise a copy.
    case hardLink
    /// A copy, because the source may still be written to: copy-on-write where the file system supports it.
    case copy
}

/// How an object was linked.
package enum LinkOutcome: Sendable, Equatable {
    /// The destination already was the same file.
    case alreadyThere
    /// A second name for the same file.
    case hardLink
    /// A copy that shares its blocks until one side is written to.
    case reflink(because: CopyReason)
    /// A copy.
    case copy(because: CopyReason)
    /// The source already had the maximum number of links. A fresh copy replaced it under its own key, and the
    /// destination is a hard link to that copy.
    case freshCopyLinked
}

/// Why a hard link was not made.
package enum CopyReason: Sendable, Hashable, CustomStringConvertible {
    /// The caller asked for a copy.
    case requested
    /// EXDEV: the two keys are on different file systems or mounts.
    case differentFileSystems
    /// EPERM or EACCES: the file belongs to another user (`fs.protected_hardlinks`), or the file system has no hard
    /// links.
    case notPermitted
    /// EMLINK: the source already has the maximum number of links.
    case tooManyLinks
    /// ENOTSUP or similar: the file system has no hard links.
    case notSupported
    /// The two storages are of different kinds.
    case differentDrivers

    package var description: String {
        switch self {
        case .requested: "the source may still be written to"
        case .differentFileSystems: "source and destination are on different file systems"
        case .notPermitted: "the system does not permit a hard link of this file"
        case .tooManyLinks: "the file has the maximum number of links"
        case .notSupported: "the file system has no hard links"
        case .differentDrivers: "source and destination are storages of different kinds"
        }
    }
}
