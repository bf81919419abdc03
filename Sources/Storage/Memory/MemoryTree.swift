/// The contents of a ``MemoryStorage``.
///
/// Directories behave as on a file system: created with the first object below them, and kept when the last one is
/// removed.
struct MemoryTree {
    private enum Node {
        case object(MemoryObject)
        /// Gets a new version with each change to its names.
        case directory(names: Set<String>, ObjectVersion)
    }

    private var nodes: [ObjectKey: Node] = [.root: .directory(names: [], .next())]

    /// The object under `key`, or nil if there is none.
    ///
    /// - Throws: ``StorageError/unreadable(_:reason:)`` if it is a directory.
    func object(_ key: ObjectKey) throws(StorageError) -> MemoryObject? {
        switch nodes[key] {
        case .object(let object): return object
        case .directory: throw .unreadable(key, reason: "Is a directory")
        case nil: return nil
        }
    }

    /// The attributes of `key`.
    func attributes(of key: ObjectKey) -> ObjectAttributes? {
        switch nodes[key] {
        case .object(let object): object.attributes
        case .directory(_, let version):
            ObjectAttributes(kind: .directory, byteCount: 0, modified: 0, version: version)
        case nil: nil
        }
    }

    /// The names directly below `prefix`, in byte order.
    func entries(of prefix: ObjectKey) -> [ObjectEntry] {
        guard case .directory(let names, _) = nodes[prefix] else { return [] }
        return names.sorted { $0.precedes($1) }.map { name in
            guard case .directory = nodes[prefix.appending(name)] else {
                return ObjectEntry(name: name, isDirectory: false)
            }
            return ObjectEntry(name: name, isDirectory: true)
        }
    }

    /// Stores an object under `key`, and creates the directories above it.
    ///
    /// - Throws: ``StorageError/unwritable(_:reason:)`` if `key` is a directory, or an object exists above it.
    mutating func put(_ object: MemoryObject, under key: ObjectKey) throws(StorageError) {
        if case .directory = nodes[key] { throw .unwritable(key, reason: "Is a directory") }
        try makeDirectory(key.parent, for: key)
        nodes[key] = .object(object)
        enter(key)
    }

    /// Removes the object under `key` and returns whether there was one.
    mutating func remove(_ key: ObjectKey) throws(StorageError) -> Bool {
        switch nodes[key] {
        case .object: break
        case .directory: throw .unwritable(key, reason: "Is a directory")
        case nil: return false
        }
        leave(key)
        return true
    }

    /// Removes everything below `prefix`, and `prefix` itself unless it is the root.
    mutating func removeAll(below prefix: ObjectKey) {
        for entry in entries(of: prefix) { removeAll(below: prefix.appending(entry.name)) }
        if prefix != .root { leave(prefix) }
    }

    /// Removes an empty directory.
    mutating func removeIfEmpty(_ prefix: ObjectKey) {
        if case .directory(let names, _) = nodes[prefix], names.isEmpty, prefix != .root { leave(prefix) }
    }

    private mutating func makeDirectory(_ directory: ObjectKey, for key: ObjectKey) throws(StorageError) {
        switch nodes[directory] {
        case .directory: return
        case .object: throw .unwritable(key, reason: "Not a directory")
        case nil:
            try makeDirectory(directory.parent, for: key)
            nodes[directory] = .directory(names: [], .next())
            enter(directory)
        }
    }

    private mutating func enter(_ key: ObjectKey) {
        guard case .directory(var names, _) = nodes[key.parent] else { return }
        names.insert(key.name)
        nodes[key.parent] = .directory(names: names, .next())
    }

    private mutating func leave(_ key: ObjectKey) {
        nodes[key] = nil
        guard case .directory(var names, _) = nodes[key.parent] else { return }
        names.remove(key.name)
        nodes[key.parent] = .directory(names: names, .next())
    }
}
