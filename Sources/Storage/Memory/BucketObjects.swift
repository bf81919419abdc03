import NIOCore

/// The objects of a ``MemoryBucket``, and their keys in order.
struct BucketObjects: Sendable {
    private var objects: [ObjectKey: MemoryObject] = [:]
    private var keys: [ObjectKey] = []

    /// The object under `key`; nil for a prefix.
    func object(_ key: ObjectKey) -> MemoryObject? { objects[key] }

    /// What is known of what is under `key`: of a prefix no more than that it is there.
    func attributes(of key: ObjectKey) -> ObjectAttributes? {
        if let object = objects[key] { return object.attributes }
        guard key == .root || !keys[range(below: key)].isEmpty else { return nil }
        return ObjectAttributes(kind: .directory, byteCount: 0, modified: 0)
    }

    /// The key itself, where there is an object, and the keys below it, in order.
    func keys(of prefix: ObjectKey) -> [ObjectKey] {
        (objects[prefix] == nil ? [] : [prefix]) + keys[range(below: prefix)]
    }

    /// The names directly below `prefix`, in the order of the keys. A name of both an object and a prefix is the
    /// object's.
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

    /// Puts an object under `key`, replacing what was there.
    @discardableResult
    mutating func put(_ bytes: ByteBuffer, at key: ObjectKey) -> MemoryObject {
        let object = MemoryObject(bytes)
        if objects.updateValue(object, forKey: key) == nil { keys.insert(key, at: index(of: key.description)) }
        return object
    }

    /// Removes the object under `key` and returns whether there was one.
    mutating func remove(_ key: ObjectKey) -> Bool {
        guard objects.removeValue(forKey: key) != nil else { return false }
        keys.remove(at: index(of: key.description))
        return true
    }

    /// Puts the bytes of an object under another key as well.
    mutating func copy(_ source: ObjectKey, to destination: ObjectKey) throws(StorageError) {
        guard let object = objects[source] else { throw .absent(source) }
        put(object.bytes, at: destination)
    }

    /// Looks for an object.
    func require(_ key: ObjectKey, byteCount: Int64?) throws(StorageError) {
        guard let object = objects[key], byteCount.map({ $0 == object.attributes.byteCount }) ?? true else {
            throw .absent(key)
        }
    }

    /// Makes one change of a batch that is one request.
    mutating func make(_ change: WriteBatch.Change) throws(StorageError) {
        switch change {
        case .put(let bytes, let key, let condition, _):
            try check(condition, of: key)
            put(bytes, at: key)
        case .ensure(let bytes, let key): if objects[key]?.bytes != bytes { put(bytes, at: key) }
        case .require(let key, let byteCount): try require(key, byteCount: byteCount)
        case .share(let source, let destination): try copy(source, to: destination)
        case .remove(let key, let condition):
            try check(condition, of: key)
            _ = remove(key)
        // There is no prefix without objects; and the others are several requests.
        case .prune, .promote, .abandon, .discard: break
        }
    }

    private func check(_ condition: WriteBatch.Condition, of key: ObjectKey) throws(StorageError) {
        guard condition.holds(of: objects[key]?.attributes.version) else { throw .changed(key) }
    }

    /// Where the keys below `prefix` are.
    private func range(below prefix: ObjectKey) -> Range<Int> {
        if prefix == .root { return keys.indices }
        // The byte after the slash's.
        return index(of: prefix.description + "/")..<index(of: prefix.description + "0")
    }

    /// The place of the first key that is not before `path`.
    private func index(of path: String) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].description.utf8.lexicographicallyPrecedes(path.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
