package import NIOCore

/// An object being written. It grows by appending, and has no key until a batch promotes it.
///
/// Calls must not overlap. Before the first checkpoint, a crash may lose everything; after it, a crash may lose part or
/// all of what follows the last checkpoint.
package protocol StagedObject: Sendable {
    /// The key that identifies it in errors.
    var place: ObjectKey { get }

    /// Its size in bytes.
    var byteCount: Int64 { get }

    /// The state saved by the last checkpoint, as ``ObjectStorage/resume(_:)`` found it; nil if none. It may describe
    /// fewer bytes than exist, or more if another program truncated them.
    var savedState: ByteBuffer? { get }

    /// Appends bytes. On failure the object keeps its previous length.
    func append(_ bytes: ByteBuffer) async throws(StorageError)

    /// Ensures that the appended bytes survive the process, and frees the resources the storage uses for it.
    ///
    /// - Parameter state: A small note from the caller, saved with the bytes; nil keeps the previous one.
    /// - Throws: ``StorageError/absent(_:)`` if another program removed bytes.
    func checkpoint(_ state: ByteBuffer?) async throws(StorageError)

    /// Truncates the object to its first `byteCount` bytes, and drops a saved state that describes more.
    func rollBack(to byteCount: Int64) async throws(StorageError)

    /// Opens the bytes written so far. The reader remains valid after the object is promoted or discarded.
    ///
    /// - Throws: ``StorageError/absent(_:)`` if another program removed the bytes or changed their number.
    func reader() async throws(StorageError) -> any ObjectReader

    /// Promotes it to `key`, durably, in a batch of its own.
    func promote(to key: ObjectKey) async throws(StorageError)

    /// Deletes it. It must not be used again.
    func discard() async throws(StorageError)
}

/// Where another process finds a staged object again.
package struct StagingToken: Sendable, Hashable {
    /// The key of its bytes. On a file system this is a file that other programs may continue.
    package let data: ObjectKey
    /// The key of the state saved by checkpoints; nil if they save none.
    package let state: ObjectKey?
    /// A prefix that contains its bytes and everything else it owns; nil if there is none.
    package let directory: ObjectKey?

    package init(data: ObjectKey, state: ObjectKey? = nil, directory: ObjectKey? = nil) {
        self.data = data
        self.state = state
        self.directory = directory
    }
}

/// Why an object is staged.
package enum StagingPurpose: Sendable {
    /// It can be resumed by its token from its first checkpoint on.
    ///
    /// - Parameter notes: Objects below the token's directory, written by the first checkpoint before the bytes.
    case resumable(StagingToken, notes: [ObjectKey: ByteBuffer] = [:])
    /// It does not outlive the process. Leftovers of a crash stay under the key until they are removed.
    ///
    /// - Parameter isPromoted: Whether it will eventually become an object. If not, its bytes are not written to disk
    ///   early.
    case temporary(ObjectKey, isPromoted: Bool)
}

extension StagingPurpose {
    /// The key that identifies the object in errors.
    package var place: ObjectKey { token.data }

    /// The location of its bytes.
    var token: StagingToken {
        switch self {
        case .resumable(let token, _): token
        case .temporary(let key, _): StagingToken(data: key)
        }
    }

    /// The objects to write before its bytes.
    var notes: [ObjectKey: ByteBuffer] {
        switch self {
        case .resumable(_, let notes): notes
        case .temporary: [:]
        }
    }

    /// Whether it may become an object.
    var isPromoted: Bool {
        switch self {
        case .resumable: true
        case .temporary(_, let isPromoted): isPromoted
        }
    }
}
