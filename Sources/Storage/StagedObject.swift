package import NIOCore

/// An object in the making: it grows at its end, and stands under no key until a batch promotes it.
///
/// Its calls are made one after the other. What was appended may be lost with the process until a checkpoint; what comes
/// behind the last checkpoint may be lost, in part or as a whole.
package protocol StagedObject: Sendable {
    /// What errors call it.
    var place: ObjectKey { get }

    /// How many bytes it has.
    var byteCount: Int64 { get }

    /// What the last checkpoint saved, as ``ObjectStorage/resume(_:)`` found it; nil for nothing. It may be that of fewer
    /// bytes than there are, and of more where another program has cut them.
    var savedState: ByteBuffer? { get }

    /// Adds bytes at the end. On failure it ends where it ended before.
    func append(_ bytes: ByteBuffer) async throws(StorageError)

    /// Makes what was appended outlive the process, and frees what the storage holds for it.
    ///
    /// - Parameter state: A small note of the caller's, saved with the bytes; nil to keep the one before.
    /// - Throws: ``StorageError/absent(_:)`` when another program took bytes away that were there.
    func checkpoint(_ state: ByteBuffer?) async throws(StorageError)

    /// Cuts it to its first `byteCount` bytes. A state that was saved of more is gone.
    func rollBack(to byteCount: Int64) async throws(StorageError)

    /// Reads the bytes so far. A reader stays readable when the object is promoted or discarded.
    ///
    /// - Throws: ``StorageError/absent(_:)`` when another program took the bytes away, or changed how many there are.
    func reader() async throws(StorageError) -> any ObjectReader

    /// Makes it the object under `key`, durably, as a batch with this change alone.
    func promote(to key: ObjectKey) async throws(StorageError)

    /// Leaves nothing of it. It is not used again.
    func discard() async throws(StorageError)
}

/// Where an object in the making is found again by another process.
package struct StagingToken: Sendable, Hashable {
    /// Its bytes. On a file system they are a file, which other programs may go on with.
    package let data: ObjectKey
    /// The state that its checkpoints save; nil where they save none.
    package let state: ObjectKey?
    /// The prefix of its bytes, and of what else is its own; nil where that is nothing.
    package let directory: ObjectKey?

    package init(data: ObjectKey, state: ObjectKey? = nil, directory: ObjectKey? = nil) {
        self.data = data
        self.state = state
        self.directory = directory
    }
}

/// What an object is staged for.
package enum StagingPurpose: Sendable {
    /// It is found again by its token, from its first checkpoint on.
    ///
    /// - Parameter notes: What is written with the first checkpoint, before the bytes: below the token's directory.
    case resumable(StagingToken, notes: [ObjectKey: ByteBuffer] = [:])
    /// It is gone with the process; what the process leaves stands under the key until somebody removes it.
    ///
    /// - Parameter isPromoted: Whether it is to become an object in the end. If not, nothing is done for its bytes to be
    ///   on the disk early.
    case temporary(ObjectKey, isPromoted: Bool)
}

extension StagingPurpose {
    /// What errors call the object.
    package var place: ObjectKey { token.data }

    /// Where its bytes are kept.
    var token: StagingToken {
        switch self {
        case .resumable(let token, _): token
        case .temporary(let key, _): StagingToken(data: key)
        }
    }

    /// What is written before its bytes.
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
