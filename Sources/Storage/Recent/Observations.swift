import Glibc
import Synchronization

/// Observes objects, and caches each observation briefly.
final class Observations: Sendable {
    /// Current sightings, and those of the generation before.
    private struct Generations: Sendable {
        var current: [ObjectKey: Sighting] = [:]
        var previous: [ObjectKey: Sighting] = [:]
    }

    let storage: TrackedStorage
    /// How long a sighting counts as fresh.
    let window: Duration
    private let traits: StorageTraits
    private let generations = Mutex(Generations())
    private let hitCount = Atomic(0)
    private let missCount = Atomic(0)

    /// The maximum number of objects in a generation.
    private static let limit = 8192
    /// How long after a change another one may leave the same timestamp, in nanoseconds.
    private static let clockGrain: Int64 = 2_000_000_000

    init(_ storage: TrackedStorage, window: Duration) {
        self.storage = storage
        self.window = window
        self.traits = storage.traits
    }

    /// How often attributes were found in the cache, and how often not.
    var lookups: CacheLookups {
        CacheLookups(hitCount: hitCount.load(ordering: .relaxed), missCount: missCount.load(ordering: .relaxed))
    }

    /// Whether the observation is still fresh.
    func isFresh(_ observation: inout Observation) -> Bool {
        let places = observation.places
        return isFresh(&observation.moment, at: .now, places)
    }

    private func isFresh(
        _ moment: inout ChangeInstant,
        at now: ContinuousClock.Instant,
        _ places: @autoclosure () -> [ChangeMarks.Place]
    ) -> Bool {
        guard moment.time.duration(to: now) < window else { return false }
        if moment.changeNumber == storage.marks.number { return true }
        return storage.marks.isUnchanged(places(), since: &moment.changeNumber)
    }

    /// Observes the attributes of these keys, for later comparison.
    func observe(_ keys: [ObjectKey]) async throws(StorageError) -> Observation {
        let moment = ChangeInstant(changeNumber: storage.marks.number, time: .now)
        var observation = Observation(moment)
        for case (let key, let sighting?) in zip(keys, try await sightings(of: keys, at: moment)) {
            observation.add(key, sighting)
        }
        observation.trim()
        return observation
    }

    /// The attributes of these keys.
    func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        let moment = ChangeInstant(changeNumber: storage.marks.number, time: .now)
        return try await sightings(of: keys, at: moment).map { $0?.attributes }
    }

    /// The sightings of these keys. Those not cached are fetched in one step.
    private func sightings(of keys: [ObjectKey], at moment: ChangeInstant) async throws(StorageError) -> [Sighting?] {
        var sightings = known(keys, at: moment.time)
        let missing = zip(keys, sightings).compactMap { $1 == nil ? $0 : nil }
        hitCount.add(keys.count - missing.count, ordering: .relaxed)
        if !missing.isEmpty {
            missCount.add(missing.count, ordering: .relaxed)
            let attributes = try await storage.attributes(of: missing)
            let now = timespec.now.nanosecondsSince1970
            let seen = attributes.map { Sighting(attributes: $0, isSettled: isSettled($0, at: now), moment: moment) }
            keep(zip(missing, seen))
            var rest = seen[...]
            sightings = sightings.map { $0 ?? rest.popFirst() }
        }
        return sightings
    }

    private func known(_ keys: [ObjectKey], at now: ContinuousClock.Instant) -> [Sighting?] {
        guard window > .zero else { return Array(repeating: nil, count: keys.count) }
        return generations.withLock { generations in
            keys.map { key in
                guard var sighting = generations.current[key] ?? generations.previous[key] else { return nil }
                let isObject = sighting.attributes?.kind == .object
                let isFresh = isFresh(
                    &sighting.moment,
                    at: now,
                    ChangeMarks.places(of: key, isObject: isObject)
                )
                return isFresh ? sighting : nil
            }
        }
    }

    private func keep(_ sightings: some Sequence<(ObjectKey, Sighting)>) {
        guard window > .zero else { return }
        generations.withLock { generations in
            for (key, sighting) in sightings {
                if generations.current.count >= Self.limit {
                    generations.previous = generations.current
                    generations.current = [:]
                }
                generations.current[key] = sighting
            }
        }
    }

    private func isSettled(_ attributes: ObjectAttributes?, at now: Int64) -> Bool {
        guard let attributes else { return true }
        if attributes.kind == .directory, !traits.prefixesHaveVersions { return false }
        return traits.hasExactVersions || now.clampedSubtracting(attributes.modified) > Self.clockGrain
    }
}

/// The use of a cache since the start.
package struct CacheLookups: Sendable {
    /// The number of lookups that it served.
    package let hitCount: Int
    /// The number of lookups that went to the storage.
    package let missCount: Int
}
