package import NIOCore

/// An ordered group of changes. A storage applies them in order: all of them or a leading part.
///
/// ``ObjectStorage/commit(_:)`` returns when they are durable.
package struct WriteBatch: Sendable {
    /// A condition on a key at the moment it is changed.
    package enum Condition: Sendable, Hashable {
        /// Always true.
        case any
        /// Nothing exists under the key.
        case absent
        /// The key has this version.
        case version(ObjectVersion)
    }

    /// An object's purpose, which determines its durability.
    package enum Purpose: Sendable {
        /// It survives a power loss.
        case durable
        /// It can be recreated or is unfinished: it survives the process. A power loss may leave the previous object,
        /// or one with different bytes.
        case cache
        /// Like ``durable``, but readable only by the storage's owner, if the driver has permissions.
        case secret
    }

    /// A change, or a requirement for the changes after it. The methods of ``WriteBatch`` document each.
    package enum Change: Sendable {
        case put(ByteBuffer, at: ObjectKey, Condition, Purpose)
        case ensure(ByteBuffer, at: ObjectKey, wasCache: Bool)
        case require(ObjectKey, byteCount: Int64?)
        case promote(any StagedObject, to: ObjectKey)
        case share(ObjectKey, as: ObjectKey)
        case remove(ObjectKey, Condition)
        case prune(ObjectKey)
        case discard(ObjectKey)
        case abandon(any StagedObject)
    }

    /// The changes, in order.
    package private(set) var changes: [Change]
    /// The time by which the changes must have taken effect, by the clock that stamps the storage's objects, in
    /// nanoseconds since 1970; nil for any time.
    ///
    /// A shared storage refuses a later change (``StorageError/expired(_:)``), even if its request was sent in time and
    /// delayed on the way. Other storages ignore it: their caller waits until a change has taken effect.
    package var deadline: Int64?

    /// Creates a batch of `changes`, empty by default.
    package init(_ changes: [Change] = [], deadline: Int64? = nil) {
        self.changes = changes
        self.deadline = deadline
    }

    /// Whether it contains a change that must survive a power loss.
    package var isDurable: Bool { changes.contains { $0.isDurable } }

    /// Writes a small object, replacing any existing one.
    package mutating func put(
        _ bytes: ByteBuffer,
        at key: ObjectKey,
        if condition: Condition = .any,
        as purpose: Purpose = .durable
    ) {
        changes.append(.put(bytes, at: key, condition, purpose))
    }

    /// Writes a small object unless it already has exactly these bytes. They are durable either way.
    ///
    /// - Parameter wasCache: Whether the object may have been written as a ``Purpose/cache``, and must be made durable now.
    package mutating func ensure(_ bytes: ByteBuffer, at key: ObjectKey, wasCache: Bool = false) {
        changes.append(.ensure(bytes, at: key, wasCache: wasCache))
    }

    /// Requires an object to exist, and makes it durable if another writer has not finished doing so.
    ///
    /// It is checked before anything is written, and again after the preceding changes. If the object is missing, no
    /// following change is applied.
    /// - Parameter byteCount: The required size; nil for any.
    package mutating func require(_ key: ObjectKey, byteCount: Int64? = nil) {
        changes.append(.require(key, byteCount: byteCount))
    }

    /// Promotes an object staged in the same storage to `destination`, replacing any existing one. Its bytes are
    /// durable before its name is. Its other files are left in place: see ``discard(_:)``.
    ///
    /// - Throws: `commit` throws ``StorageError/absent(_:)`` if another program removed its bytes.
    package mutating func promote(_ staged: any StagedObject, to destination: ObjectKey) {
        changes.append(.promote(staged, to: destination))
    }

    /// Also makes the bytes of `source`, which must be durable or promoted by this batch, available under
    /// `destination`; they are stored once if the driver supports it.
    package mutating func share(_ source: ObjectKey, as destination: ObjectKey) {
        changes.append(.share(source, as: destination))
    }

    /// Removes an object if it exists.
    package mutating func remove(_ key: ObjectKey, if condition: Condition = .any) {
        changes.append(.remove(key, condition))
    }

    /// Removes the objects that exist under `keys`, then `prefix` itself if nothing is left below it. The latter
    /// matters on media that keep empty prefixes, such as disks.
    package mutating func remove(_ keys: [ObjectKey], pruning prefix: ObjectKey) {
        for key in keys { remove(key) }
        changes.append(.prune(prefix))
    }

    /// Removes an object, or all objects below a prefix, without syncing: they may reappear after a power loss.
    package mutating func discard(_ key: ObjectKey) { changes.append(.discard(key)) }

    /// Deletes a staged object without syncing. It must not be used again unless the batch fails.
    package mutating func discard(_ staged: any StagedObject) { changes.append(.abandon(staged)) }

    /// Appends the changes of another batch. The earlier deadline applies to all.
    package mutating func append(_ other: WriteBatch) {
        changes += other.changes
        deadline = [deadline, other.deadline].compactMap(\.self).min()
    }
}

extension WriteBatch.Condition {
    /// Whether it holds for a key's current version; nil means nothing exists there.
    package func holds(of present: ObjectVersion?) -> Bool {
        switch self {
        case .any: true
        case .absent: present == nil
        case .version(let version): present == version
        }
    }
}

extension WriteBatch.Change {
    /// The key that is changed or required.
    package var key: ObjectKey {
        switch self {
        case .put(_, let key, _, _), .ensure(_, let key, _), .require(let key, _), .promote(_, let key),
            .share(_, let key), .remove(let key, _), .prune(let key), .discard(let key):
            key
        case .abandon(let staged): staged.place
        }
    }

    /// Whether the change must survive a power loss.
    var isDurable: Bool {
        switch self {
        case .put(_, _, _, .cache), .discard, .abandon, .require: false
        case .put, .ensure, .promote, .share, .remove, .prune: true
        }
    }

    /// Whether it changes anything.
    package var isWrite: Bool { if case .require = self { false } else { true } }
}
