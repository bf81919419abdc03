/// How much stands under which keys in a memory that has a limit, and what goes where it would be passed.
struct MemoryBudget: Sendable {
    /// An object's size, and the write that it is of.
    private struct Entry {
        let byteCount: Int
        let number: Int
    }

    private let byteLimit: Int
    private let discardable: ObjectKey?
    private var entries: [ObjectKey: Entry] = [:]
    /// The writes in their order; those of objects that went or were written again may still be in it.
    private var order: [(key: ObjectKey, number: Int)] = []
    private var byteCount = 0
    private var writeCount = 0

    /// - Parameter discardable: The prefix of what may go where there is too much; nil for nothing.
    init(byteLimit: Int, discardable: ObjectKey?) {
        self.byteLimit = byteLimit
        self.discardable = discardable
    }

    /// Makes room for an object, and returns which ones go for it, the oldest first, and whether there is room then.
    mutating func add(_ key: ObjectKey, byteCount count: Int) -> (discarded: [ObjectKey], hasRoom: Bool) {
        let replaced = entries[key]
        remove(key)
        let discarded = byteCount + count > byteLimit ? discard(byteCount + count - byteLimit) : []
        let hasRoom = byteCount + count <= byteLimit
        if let kept = hasRoom ? count : replaced?.byteCount { insert(key, byteCount: kept) }
        return (discarded, hasRoom)
    }

    /// Forgets an object that is gone.
    mutating func remove(_ key: ObjectKey) {
        byteCount -= entries.removeValue(forKey: key)?.byteCount ?? 0
    }

    /// Forgets the objects below a prefix, which are gone.
    mutating func removeAll(below prefix: ObjectKey) {
        for key in entries.keys where key.isBelow(prefix) { remove(key) }
    }

    /// Notes that an object has another key now.
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

    /// Discards the oldest objects, and a quarter of all more: the next ones then need no search.
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
