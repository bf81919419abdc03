package import NIOCore

/// Objects by key: bytes only, no meaning.
///
/// What every driver promises, and the contract suite holds each to:
/// - An object appears under its key whole or not at all; replacing one is atomic; a reader that has it open keeps
///   the bytes that it opened.
/// - ``commit(_:)`` and ``removeAll(below:first:)`` return when their effect is durable: the bytes,
///   and every directory that gained or lost a name.
/// - An object in the making (``StagedObject``) is no object until it is promoted, and survives a restart of the process
///   from its first checkpoint on, not a loss of power.
/// - Nothing blocks the calling thread.
package protocol ObjectStorage: Sendable {
    /// What the medium can do.
    var traits: StorageTraits { get }

    /// Where a task runs best that makes many calls: it then waits for the medium, and not for another thread at each.
    /// Nil where that makes no difference.
    var executor: (any TaskExecutor)? { get }

    /// What is under `key`, or nil when there is nothing. A directory (a prefix of keys) is there too.
    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes?

    /// What is under each of `keys`, in their order, in one step.
    func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?]

    /// The whole object, or nil when there is none.
    ///
    /// - Throws: ``StorageError/tooLarge(_:byteCount:limit:)`` when it has more than `limit` bytes.
    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer?

    /// The whole objects under `keys`, in their order, in one step.
    ///
    /// - Throws: ``StorageError/tooLarge(_:byteCount:limit:)`` when one has more than `limit` bytes.
    func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?]

    /// Opens an object for reads at any offset, or answers nil when there is none.
    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)?

    /// Reads a small object and opens another one in one step: what a link says, and what it most likely names.
    ///
    /// - Parameter prefetch: An object of at most so many bytes is read as it is opened: its reader need not wait again.
    func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject

    /// The names directly below `prefix` that come after `name` in the order of their bytes, `limit` at most.
    /// Empty when there is no such prefix.
    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]

    /// Makes the changes of a batch, in their order, durably. Batches that are committed at the same time share the
    /// work that takes longest.
    ///
    /// When it fails, the first of them may have been made.
    /// - Throws: ``StorageError/absent(_:)`` for an object that is required and not there,
    ///   ``StorageError/changed(_:)`` for a condition that does not hold.
    func commit(_ batch: WriteBatch) async throws(StorageError)

    /// Begins an object whose bytes come in pieces.
    func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject

    /// Goes on with an object that was begun as ``StagingPurpose/resumable(_:notes:)``, by this process or another one;
    /// nil where there was no checkpoint of it.
    func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)?

    /// Removes everything below `prefix`, and `prefix` itself.
    ///
    /// - Parameter keys: Those that are gone, durably, before anything else is: the objects by which the rest is known.
    func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError)

    /// Takes a lease, at once or not at all.
    ///
    /// - Parameters:
    ///   - key: What it is called, and where it may leave an object.
    ///   - holder: Who takes it, in one line without its end.
    /// - Throws: ``StorageError/locked(path:holder:)`` with the line of whoever has it.
    func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease
}

extension ObjectStorage {
    package var executor: (any TaskExecutor)? { nil }
}

/// What is known of an object without reading it.
package struct ObjectAttributes: Sendable, Hashable {
    /// What stands under a key.
    package enum Kind: Sendable {
        /// Bytes.
        case object
        /// A prefix of other keys.
        case directory
        /// Something that is neither: a socket, a device, a dangling symbolic link.
        case other
    }

    /// What it is.
    package let kind: Kind
    /// Its size in bytes; 0 unless it is an object.
    package let byteCount: Int64
    /// When its bytes were last changed, in nanoseconds since 1970.
    package let modified: Int64
    /// What tells this object from what stood under its key before, or will.
    package let version: ObjectVersion

    /// - Parameter version: Nil where size and time are all that there is to tell it by.
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

/// The right to be the one who does something, for as long as it is held: so that work is not done twice. Nothing may be
/// lost where two believe that they hold it.
///
/// It ends when it is released, when the last reference to it is gone, and when the process ends, however it ends.
package protocol StorageLease: Sendable {
    /// Whose turn it is: every holder of this lease has a larger number than those before, also after a restart.
    var term: UInt64 { get }

    /// Gives the lease back. A second time it does nothing.
    func release() async throws(StorageError)
}
