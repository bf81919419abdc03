import NIOCore

/// The objects of a ``MemoryBucket``, with their keys in order.
struct BucketObjects: Sendable {
    private var objects: [ObjectKey: MemoryObject] = [:]
    private var keys: [ObjectKey] = []
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: Returns the time that stamps objects, in nanoseconds since 1970.
    init(clock: @escaping @Sendable () -> Int64) { self.clock = clock }

    /// Fails if a change to `key` comes after its deadline.
    func check(_ deadline: Int64?, _ key: ObjectKey) throws(StorageError) {
        if let deadline, clock() > deadline { throw .expired(key) }
    }

    /// The object under `key`; nil for a prefix.
    func object(_ key: ObjectKey) -> MemoryObject? { objects[key] }

    /// The attributes of `key`. For a prefix they only say that it exists.
    func attributes(of key: ObjectKey) -> ObjectAttributes? {
        if let object = objects[key] { return object.attributes }
        guard key == .root || !keys[range(below: key)].isEmpty else { return nil }
        return ObjectAttributes(kind: .directory, byteCount: 0, modified: 0)
    }

    /// The key itself if it is an object, followed by the keys below it, in order.
    func keys(of prefix: ObjectKey) -> [ObjectKey] {
        (objects[prefix] == nil ? [] : [prefix]) + keys[range(below: prefix)]
    }

    /// The names directly below `prefix`, in key order. A name that is both an object and a prefix is listed as an
    /// object.
    func entries(of prefix: ObjectKey) -> [ObjectEntry] {
        let start = prefix == .root ? 0 : prefix.description.utf8.count + 1
        var entries: [ObjectEntry] = []
        for key in keys[range(below: prefix)] {
            let rest = key.description.utf8.dropFirst(start)
            let name = rest.prefix { $0 != UInt8(ascii: "/") }
            let entry = ObjectEntry(name: String(Substring(name)), isDirectory: name.count < rest.count)
            if entries.last == entry { continue }
            if entry.isDirectory, objects[prefix.appending(entry.name)] != nil { continue }
            entries.append(entry)
        }
        return entries
    }

    /// Stores an object under `key`, replacing any existing one.
    @discardableResult
    mutating func put(_ bytes: ByteBuffer, at key: ObjectKey) -> MemoryObject {
        let object = MemoryObject(bytes)
        object.setModified(clock())
        if objects.updateValue(object, forKey: key) == nil { keys.insert(key, at: index(of: key.description)) }
        return object
    }

    /// Removes the object under `key` and returns whether there was one.
    mutating func remove(_ key: ObjectKey) -> Bool {
        guard objects.removeValue(forKey: key) != nil else { return false }
        keys.remove(at: index(of: key.description))
        return true
    }

    /// Copies an object to another key.
    mutating func copy(_ source: ObjectKey, to destination: ObjectKey) throws(StorageError) {
        guard let object = objects[source] else { throw .absent(source) }
        put(object.bytes, at: destination)
    }

    /// Fails unless the object exists.
    func require(_ key: ObjectKey, byteCount: Int64?) throws(StorageError) {
        guard let object = objects[key], byteCount.map({ $0 == object.attributes.byteCount }) ?? true else {
            throw .absent(key)
        }
    }

    /// Applies one change, if it takes a single request.
    mutating func make(_ change: WriteBatch.Change) throws(StorageError) {
        switch change {
        case .put(let bytes, let key, let condition, _):
            try check(condition, of: key)
            put(bytes, at: key)
        case .ensure(let bytes, let key, _): if objects[key]?.bytes != bytes { put(bytes, at: key) }
        case .require(let key, let byteCount): try require(key, byteCount: byteCount)
        case .share(let source, let destination): try copy(source, to: destination)
        case .remove(let key, let condition):
            try check(condition, of: key)
            _ = remove(key)
        // An empty prefix does not exist here, and the other changes take several requests.
        case .prune, .promote, .abandon, .discard: break
        }
    }

    private func check(_ condition: WriteBatch.Condition, of key: ObjectKey) throws(StorageError) {
        guard condition.holds(of: objects[key]?.attributes.version) else { throw .changed(key) }
    }

    /// The index range of the keys below `prefix`.
    private func range(below prefix: ObjectKey) -> Range<Int> {
        if prefix == .root { return keys.indices }
        // "0" is the byte after "/".
        return index(of: prefix.description + "/")..<index(of: prefix.description + "0")
    }

    /// The index of the first key not before `path`.
    private func index(of path: String) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].description.precedes(path) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
