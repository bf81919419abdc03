/// A storage that caches attributes, existence and listings for a short window.
///
/// Changes made through it, or through ``current``, take effect immediately for the affected keys and the prefixes
/// above them: nothing observed before the change is used after it. Changes by other writers show once the window has
/// passed. Content is always read from the storage.
///
/// Use ``current`` before deciding something based on what exists, or before reporting that something does not exist.
package final class RecentStorage: StepForwardingStorage {
    /// The underlying storage. Its results are never stale.
    package let current: TrackedStorage
    let observations: Observations
    private let listings: DerivedValues<ObjectKey, [ObjectEntry]>

    /// The approximate memory cost of a name in bytes.
    private static let entryCost = 96

    /// - Parameter window: How long observations count as fresh.
    package init(over storage: TrackedStorage, window: Duration) {
        current = storage
        observations = Observations(storage, window: window)
        listings = DerivedValues(observations, costLimit: 24 << 20)
    }

    /// The default window for a storage: short where a check is cheap, otherwise the longest acceptable.
    package static func window(for traits: StorageTraits) -> Duration {
        traits.prefixesHaveVersions ? .milliseconds(200) : .seconds(2)
    }

    /// The use of the cache of attributes.
    package var lookups: CacheLookups { observations.lookups }

    /// Observes the attributes of these keys, for later comparison.
    package func observe(_ keys: [ObjectKey]) async throws(StorageError) -> Observation {
        try await observations.observe(keys)
    }
}

/// Reading.
extension RecentStorage {
    package var base: any ObjectStorage { current }

    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await attributes(of: [key])[0]
    }

    package func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        try await observations.attributes(of: keys)
    }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        guard name == nil, limit == .max else { return try await current.list(prefix, after: name, limit: limit) }
        if let entries = try await listings.value(for: prefix) { return entries }
        let seen = try await observe([prefix])
        let entries = try await current.list(prefix, after: nil, limit: .max)
        listings.keep(entries, for: prefix, madeFrom: seen, cost: entries.count * Self.entryCost + 512)
        return entries
    }

    /// The cached lists of those `prefixes` that are unchanged. All are checked in one step.
    package func knownLists(_ prefixes: [ObjectKey]) async throws(StorageError) -> [ObjectKey: [ObjectEntry]] {
        try await listings.values(for: prefixes)
    }
}

/// Writing.
extension RecentStorage {
    package func commit(_ batch: WriteBatch) async throws(StorageError) { try await current.commit(batch) }
}
