package import NIOCore

/// Changes that belong together: a storage makes them in their order, all of them or the first few.
///
/// ``ObjectStorage/commit(_:)`` returns when they are durable.
package struct WriteBatch: Sendable {
    /// What must hold of a key, at the moment it is changed.
    package enum Condition: Sendable, Hashable {
        /// Nothing.
        case any
        /// There is nothing under it.
        case absent
        /// It holds this version.
        case version(ObjectVersion)
    }

    /// What an object is for, which says how well it has to be kept.
    package enum Purpose: Sendable {
        /// It outlives a loss of power.
        case durable
        /// It can be made again, or is unfinished: it outlives the process. A loss of power may leave what was there
        /// before, or an object with other bytes.
        case cache
        /// As ``durable``, and only the owner of the storage may read it, where the driver knows of readers.
        case secret
    }

    /// One change, or one thing that has to hold for the next ones to be made: the methods of ``WriteBatch`` say what
    /// each is.
    package enum Change: Sendable {
        case put(ByteBuffer, at: ObjectKey, Condition, Purpose)
        case ensure(ByteBuffer, at: ObjectKey)
        case require(ObjectKey, byteCount: Int64?)
        case promote(any StagedObject, to: ObjectKey)
        case share(ObjectKey, as: ObjectKey)
        case remove(ObjectKey, Condition)
        case prune(ObjectKey)
        case discard(ObjectKey)
        case abandon(any StagedObject)
    }

    /// The changes in their order.
    package private(set) var changes: [Change]

    /// A batch of these changes, by default of none.
    package init(_ changes: [Change] = []) { self.changes = changes }

    /// Whether it changes anything that outlives a loss of power.
    package var isDurable: Bool { changes.contains { $0.isDurable } }

    /// Writes a small object whole, replacing what was there.
    package mutating func put(
        _ bytes: ByteBuffer,
        at key: ObjectKey,
        if condition: Condition = .any,
        as purpose: Purpose = .durable
    ) {
        changes.append(.put(bytes, at: key, condition, purpose))
    }

    /// Writes a small object whole, unless these very bytes stand there; they are durable then.
    package mutating func ensure(_ bytes: ByteBuffer, at key: ObjectKey) { changes.append(.ensure(bytes, at: key)) }

    /// Asks for an object to be there, and makes it durable where another writer is not done with that yet.
    ///
    /// It is looked for before anything is written, and again when the changes before it have been made: without it,
    /// none of those that follow is.
    /// - Parameter byteCount: Its size; nil for any.
    package mutating func require(_ key: ObjectKey, byteCount: Int64? = nil) {
        changes.append(.require(key, byteCount: byteCount))
    }

    /// Makes an object in the making, which was staged in the same storage, the object under `destination`, replacing what
    /// was there. Its bytes are durable before the name is. What else there is of it is left: ``discard(_:)``.
    ///
    /// - Throws: `commit` throws ``StorageError/absent(_:)`` when another program took its bytes away.
    package mutating func promote(_ staged: any StagedObject, to destination: ObjectKey) {
        changes.append(.promote(staged, to: destination))
    }

    /// Makes the bytes under `source`, which are durable or promoted by this batch, an object under `destination` as
    /// well, stored once where the driver can.
    package mutating func share(_ source: ObjectKey, as destination: ObjectKey) {
        changes.append(.share(source, as: destination))
    }

    /// Removes an object, if it is there.
    package mutating func remove(_ key: ObjectKey, if condition: Condition = .any) {
        changes.append(.remove(key, condition))
    }

    /// Removes objects, as far as they are there, and then what is left of a prefix if nothing is below it any more:
    /// where the medium keeps prefixes without objects, as a disk does.
    package mutating func remove(_ keys: [ObjectKey], pruning prefix: ObjectKey) {
        for key in keys { remove(key) }
        changes.append(.prune(prefix))
    }

    /// Removes an object, or all objects below a prefix, without syncing: a loss of power may bring them back.
    package mutating func discard(_ key: ObjectKey) { changes.append(.discard(key)) }

    /// Leaves nothing of an object in the making, without syncing. It is not used again, unless the batch fails.
    package mutating func discard(_ staged: any StagedObject) { changes.append(.abandon(staged)) }

    /// Adds the changes of another batch behind those of this one.
    package mutating func append(_ other: WriteBatch) { changes += other.changes }
}

extension WriteBatch.Condition {
    /// Whether it holds of what is under a key; nil stands for nothing.
    package func holds(of present: ObjectVersion?) -> Bool {
        switch self {
        case .any: true
        case .absent: present == nil
        case .version(let version): present == version
        }
    }
}

extension WriteBatch.Change {
    /// The key that changes, or has to be there.
    package var key: ObjectKey {
        switch self {
        case .put(_, let key, _, _), .ensure(_, let key), .require(let key, _), .promote(_, let key),
            .share(_, let key), .remove(let key, _), .prune(let key), .discard(let key):
            key
        case .abandon(let staged): staged.place
        }
    }

    /// Whether it changes anything that outlives a loss of power.
    var isDurable: Bool {
        switch self {
        case .put(_, _, _, .cache), .discard, .abandon, .require: false
        case .put, .ensure, .promote, .share, .remove, .prune: true
        }
    }

    /// Whether it changes anything.
    package var isWrite: Bool { if case .require = self { false } else { true } }
}
