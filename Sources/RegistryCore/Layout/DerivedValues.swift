import Storage
import Synchronization

/// Values that were made from files, each good for as long as its files are what they were.
///
/// Asking for one costs one look at the attributes of its files, and none for a moment (``Sightings``). A file that changed in the last two seconds before
/// they were looked at makes no value that is kept: it might change again without its time telling.
final class DerivedValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let sources: Sources
        let value: Value
        let cost: Int
        /// When the files were last what they were.
        var seen: Sighting
    }

    /// The entries in use, and those that were in use before; what is not asked for any more falls out of both.
    private struct Generations: Sendable {
        var current: [Key: Entry] = [:]
        var previous: [Key: Entry] = [:]
        var currentCost = 0
    }

    private let sightings: Sightings
    private let costLimit: Int
    private let generations = Mutex(Generations())

    /// - Parameter costLimit: About how much all values together may cost.
    init(_ sightings: Sightings, costLimit: Int) {
        self.sightings = sightings
        self.costLimit = costLimit
    }

    /// The value, if its files are what they were.
    func value(for key: Key) async throws -> Value? {
        guard let entry = generations.withLock({ entry(for: key, in: &$0) }) else { return nil }
        if sightings.isGood(entry.seen) { return entry.value }
        return try await look(at: [(key, entry)])[key]
    }

    /// The values whose files are what they were: all are looked at in one step.
    func values(for keys: [Key]) async throws -> [Key: Value] {
        let entries = generations.withLock { generations in
            keys.compactMap { key in entry(for: key, in: &generations).map { (key, $0) } }
        }
        var values: [Key: Value] = [:]
        var doubtful: [(Key, Entry)] = []
        for (key, entry) in entries {
            if sightings.isGood(entry.seen) { values[key] = entry.value } else { doubtful.append((key, entry)) }
        }
        return values.merging(try await look(at: doubtful)) { _, seen in seen }
    }

    /// The values of those entries whose files are what they were. The others are forgotten.
    private func look(at entries: [(Key, Entry)]) async throws -> [Key: Value] {
        guard !entries.isEmpty else { return [:] }
        let sighting = sightings.begin()
        var attributes = try await sightings.storage.attributes(of: entries.flatMap(\.1.sources.keys))[...]
        var values: [Key: Value] = [:]
        for (key, entry) in entries {
            let seen = attributes.prefix(entry.sources.keys.count)
            attributes = attributes.dropFirst(seen.count)
            if seen.elementsEqual(entry.sources.attributes) {
                values[key] = entry.value
                generations.withLock { $0.current[key]?.seen = sighting }
            } else {
                forget(key)
            }
        }
        return values
    }

    private func entry(for key: Key, in generations: inout Generations) -> Entry? {
        if let entry = generations.current[key] { return entry }
        guard let entry = generations.previous[key] else { return nil }
        insert(entry, for: key, into: &generations)
        return entry
    }

    /// Keeps a value that was made after `sources` were looked at.
    func keep(_ value: Value, for key: Key, madeFrom sources: Sources, cost: Int) {
        guard sources.isSettled, cost <= costLimit / 4 else { return }
        generations.withLock {
            insert(Entry(sources: sources, value: value, cost: cost, seen: sources.seen), for: key, into: &$0)
        }
    }

    private func forget(_ key: Key) {
        generations.withLock { generations in
            if let entry = generations.current.removeValue(forKey: key) { generations.currentCost -= entry.cost }
            generations.previous[key] = nil
        }
    }

    private func insert(_ entry: Entry, for key: Key, into generations: inout Generations) {
        if generations.currentCost + entry.cost > costLimit / 2 {
            generations.previous = generations.current
            generations.current = [:]
            generations.currentCost = 0
        }
        if let replaced = generations.current.updateValue(entry, forKey: key) {
            generations.currentCost -= replaced.cost
        }
        generations.currentCost += entry.cost
    }
}

/// Files, and what they were when they were looked at.
struct Sources: Sendable {
    private(set) var keys: [ObjectKey] = []
    private(set) var attributes: [ObjectAttributes?] = []
    /// When they were.
    let seen: Sighting
    private let looked = WallClock.now

    /// Looks at the files under `keys`.
    init(_ keys: [ObjectKey], by sightings: Sightings) async throws {
        self.keys = keys
        seen = sightings.begin()
        attributes = try await sightings.storage.attributes(of: keys)
    }

    /// Whether none of them changed shortly before.
    var isSettled: Bool {
        attributes.allSatisfy { attributes in
            attributes.map { WallClock.age(of: $0.modified, now: looked) > 2_000_000_000 } ?? true
        }
    }

    /// Adds what was looked at later.
    mutating func add(_ others: Sources) {
        keys += others.keys
        attributes += others.attributes
    }
}
