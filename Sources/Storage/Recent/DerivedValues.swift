import Synchronization

/// A cache of values derived from objects. A value is valid as long as its objects are unchanged.
///
/// A lookup costs one check of its objects, or none within the freshness window (``RecentStorage``). A value derived
/// from an object that had changed only shortly before is used within the window and then recomputed, because the
/// object might have changed again without a new timestamp.
package final class DerivedValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let value: Value
        let cost: Int
        var observation: Observation
    }

    /// The result of a lookup.
    private enum Finding {
        case fresh(Value)
        /// The objects must be checked first.
        case doubtful(Entry)
    }

    /// Current entries, and those of the generation before; entries that are no longer used drop out of both.
    private struct Generations: Sendable {
        var current: [Key: Entry] = [:]
        var previous: [Key: Entry] = [:]
        var currentCost = 0
    }

    private let observations: Observations
    private let costLimit: Int
    private let generations = Mutex(Generations())

    /// - Parameter costLimit: The approximate maximum total cost of all values.
    package convenience init(_ storage: RecentStorage, costLimit: Int) {
        self.init(storage.observations, costLimit: costLimit)
    }

    init(_ observations: Observations, costLimit: Int) {
        self.observations = observations
        self.costLimit = costLimit
    }

    /// The cached value, if its objects are unchanged.
    package func value(for key: Key) async throws(StorageError) -> Value? {
        switch generations.withLock({ find(key, in: &$0) }) {
        case nil: nil
        case .fresh(let value): value
        case .doubtful(let entry): try await look(at: [(key, entry)])[key]
        }
    }

    /// The cached values whose objects are unchanged. All objects are checked in one step.
    package func values(for keys: [Key]) async throws(StorageError) -> [Key: Value] {
        var values: [Key: Value] = [:]
        var doubtful: [(Key, Entry)] = []
        generations.withLock { generations in
            for key in keys {
                switch find(key, in: &generations) {
                case nil: break
                case .fresh(let value): values[key] = value
                case .doubtful(let entry): doubtful.append((key, entry))
                }
            }
        }
        guard !doubtful.isEmpty else { return values }
        return values.merging(try await look(at: doubtful)) { _, seen in seen }
    }

    /// Caches a value that was derived after `observation` was made.
    package func keep(_ value: Value, for key: Key, madeFrom observation: Observation, cost: Int) {
        guard observation.isSettled || observations.window > .zero, cost <= costLimit / 4 else { return }
        let entry = Entry(value: value, cost: cost, observation: observation)
        generations.withLock { insert(entry, for: key, into: &$0) }
    }

    private func find(_ key: Key, in generations: inout Generations) -> Finding? {
        var found = generations.current.index(forKey: key)
        if found == nil, let entry = generations.previous[key] {
            insert(entry, for: key, into: &generations)
            found = generations.current.index(forKey: key)
        }
        guard let index = found else { return nil }
        if observations.isFresh(&generations.current.values[index].observation) {
            return .fresh(generations.current.values[index].value)
        }
        let entry = generations.current.values[index]
        if entry.observation.isSettled { return .doubtful(entry) }
        forget(key, in: &generations)
        return nil
    }

    /// The values whose objects are unchanged. Other entries are dropped.
    private func look(at entries: [(Key, Entry)]) async throws(StorageError) -> [Key: Value] {
        let seen = try await observations.observe(entries.flatMap(\.1.observation.keys))
        var attributes = seen.attributes[...]
        var values: [Key: Value] = [:]
        generations.withLock { generations in
            for (key, entry) in entries {
                let now = attributes.prefix(entry.observation.keys.count)
                attributes = attributes.dropFirst(now.count)
                let isGood = now.elementsEqual(entry.observation.attributes)
                if isGood { values[key] = entry.value }
                // Another value may have replaced it in the meantime.
                let kept = generations.current[key]?.observation
                guard kept?.attributes == entry.observation.attributes else { continue }
                if isGood {
                    generations.current[key]?.observation.moment = seen.moment
                } else {
                    forget(key, in: &generations)
                }
            }
        }
        return values
    }

    private func forget(_ key: Key, in generations: inout Generations) {
        if let entry = generations.current.removeValue(forKey: key) { generations.currentCost -= entry.cost }
        generations.previous[key] = nil
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
