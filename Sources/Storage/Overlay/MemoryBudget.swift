/// Tracks the sizes of objects in memory against a limit, and picks the ones to evict.
struct MemoryBudget: Sendable {
    /// An object's size, and the number of the write that created it.
    private struct Entry {
        let byteCount: Int
        let number: Int
    }

    private let byteLimit: Int
    private let discardable: ObjectKey?
    private var entries: [ObjectKey: Entry] = [:]
    /// All writes in order; may still contain objects that were removed or rewritten.
    private var order: [(key: ObjectKey, number: Int)] = []
    private var byteCount = 0
    private var writeCount = 0

    /// - Parameter discardable: The prefix of the objects that may be evicted; nil for none.
    init(byteLimit: Int, discardable: ObjectKey?) {
        self.byteLimit = byteLimit
        self.discardable = discardable
    }

    /// Makes room for an object. Returns the evicted objects, oldest first, and whether there is now enough room.
    mutating func add(_ key: ObjectKey, byteCount count: Int) -> (discarded: [ObjectKey], hasRoom: Bool) {
        let replaced = entries[key]
        remove(key)
        let discarded = byteCount + count > byteLimit ? discard(byteCount + count - byteLimit) : []
        let hasRoom = byteCount + count <= byteLimit
        if let kept = hasRoom ? count : replaced?.byteCount { insert(key, byteCount: kept) }
        return (discarded, hasRoom)
    }

    /// Forgets an object that was removed.
    mutating func remove(_ key: ObjectKey) {
        byteCount -= entries.removeValue(forKey: key)?.byteCount ?? 0
    }

    /// Forgets the removed objects below a prefix.
    mutating func removeAll(below prefix: ObjectKey) {
        for key in entries.keys where key.isBelow(prefix) { remove(key) }
    }

    /// Records that an object was renamed.
    mutating func move(_ source: ObjectKey, to destination: ObjectKey) {
        guard let entry = entries[source] else { return }
        remove(source)
        remove(destination)
        insert(destination, byteCount: entry.byteCount)
    }

    private mutating func insert(_ key: ObjectKey, byteCount count: Int) {
        writeCount += 1
        entries[key] = Entry(byteCount: count, number: writeCount)
        byteCount += count
        order.append((key, writeCount))
        if order.count > 2 * entries.count + 16 { order = order.filter { isCurrent($0) } }
    }

    /// Evicts the oldest objects, plus a quarter of the limit, so that the next calls need not search again.
    private mutating func discard(_ excess: Int) -> [ObjectKey] {
        var excess = excess + byteLimit / 4
        var discarded: [ObjectKey] = []
        for write in order where excess > 0 && isCurrent(write) && isDiscardable(write.key) {
            excess -= entries[write.key]?.byteCount ?? 0
            remove(write.key)
            discarded.append(write.key)
        }
        return discarded
    }

    private func isCurrent(_ write: (key: ObjectKey, number: Int)) -> Bool {
        entries[write.key]?.number == write.number
    }

    private func isDiscardable(_ key: ObjectKey) -> Bool { discardable.map { key.isBelow($0) } ?? false }
}
