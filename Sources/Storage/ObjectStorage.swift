package import NIOCore

/// A store of objects by key. It knows bytes, not their meaning.
///
/// Every driver guarantees the following; the contract suite verifies it:
/// - An object appears under its key complete or not at all. Replacement is atomic, and a reader that has the old
///   object open keeps reading the old bytes.
/// - ``commit(_:)`` and ``removeAll(below:first:)`` return once their effect is durable: the bytes, and every directory
///   that gained or lost a name.
/// - A ``StagedObject`` is not an object until it is promoted. From its first checkpoint on it survives a process
///   restart, but not a power loss.
/// - No call blocks the calling thread.
package protocol ObjectStorage: Sendable {
    /// The capabilities of the medium.
    var traits: StorageTraits { get }

    /// The preferred executor for tasks that make many calls: it saves them a thread hop for each call. Nil if it makes
    /// no difference.
    var executor: (any TaskExecutor)? { get }

    /// The attributes of `key`, or nil if nothing exists there. A directory (a prefix of keys) counts as existing.
    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes?

    /// The attributes of each of `keys`, in order, in one step.
    func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?]

    /// Reads a complete object; returns nil if there is none.
    ///
    /// - Throws: ``StorageError/tooLarge(_:byteCount:limit:)`` if it exceeds `limit` bytes.
    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer?

    /// Reads the complete objects under `keys`, in order, in one step.
    ///
    /// - Throws: ``StorageError/tooLarge(_:byteCount:limit:)`` if one exceeds `limit` bytes.
    func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?]

    /// Opens an object for random access, or returns nil if there is none.
    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)?

    /// Reads a link and opens the object it most likely points to, in one step.
    ///
    /// - Parameter prefetch: Objects up to this size are read on opening, so that reads need no further I/O.
    func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject

    /// Up to `limit` names directly below `prefix` that sort after `name` bytewise. Empty if there is no such prefix.
    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]

    /// Applies the changes of a batch in order, durably. Batches that are committed concurrently share the most
    /// expensive work.
    ///
    /// On failure, a leading part of the changes may have been applied.
    /// - Throws: ``StorageError/absent(_:)`` if a required object is missing, ``StorageError/changed(_:)`` if a
    ///   condition fails.
    func commit(_ batch: WriteBatch) async throws(StorageError)

    /// Begins an object whose bytes arrive in pieces.
    func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject

    /// Resumes an object that this or another process began as ``StagingPurpose/resumable(_:notes:)``. Returns nil if
    /// it never reached a checkpoint.
    func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)?

    /// Removes `prefix` and everything below it.
    ///
    /// - Parameter keys: Objects to remove durably before anything else: those through which the rest is found.
    func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError)

    /// Acquires a lease, or fails immediately.
    ///
    /// - Parameters:
    ///   - key: The name of the lease, and where the driver may store an object for it.
    ///   - holder: A description of the holder, as one line without a line terminator.
    /// - Throws: ``StorageError/locked(path:holder:)`` with the current holder's description.
    func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease
}

extension ObjectStorage {
    package var executor: (any TaskExecutor)? { nil }
}

/// The metadata of an object.
package struct ObjectAttributes: Sendable, Hashable {
    /// What exists under a key.
    package enum Kind: Sendable {
        /// Bytes.
        case object
        /// A prefix of other keys.
        case directory
        /// Something that is neither: a socket, a device, a dangling symbolic link.
        case other
    }

    /// The kind of object.
    package let kind: Kind
    /// Its size in bytes; 0 unless it is an object.
    package let byteCount: Int64
    /// When its bytes last changed, in nanoseconds since 1970.
    package let modified: Int64
    /// Distinguishes this object from earlier and later ones under the same key.
    package let version: ObjectVersion

    /// - Parameter version: Nil if only size and time identify the version.
    package init(kind: Kind, byteCount: Int64, modified: Int64, version: ObjectVersion? = nil) {
        self.kind = kind
        self.byteCount = byteCount
        self.modified = modified
        self.version = version ?? ObjectVersion(byteCount: byteCount, modified: modified, inode: 0)
    }
}

/// One name in a listing.
package struct ObjectEntry: Sendable, Hashable {
    /// The name, a single component. Names that are not UTF-8 are left out of listings.
    package let name: String
    /// Whether it is a prefix of other keys.
    package let isDirectory: Bool

    package init(name: String, isDirectory: Bool) {
        self.name = name
        self.isDirectory = isDirectory
    }
}

/// Exclusive permission to do a piece of work, to avoid doing it twice. Data must stay safe even if two holders each
/// believe they hold it.
///
/// It ends when it is released, when the last reference to it is released, or when the process exits for any reason.
package protocol StorageLease: Sendable {
    /// The term number. Each holder of this lease gets a larger one than all earlier holders, even across restarts.
    var term: UInt64 { get }

    /// Releases the lease. Further calls do nothing.
    func release() async throws(StorageError)
}
