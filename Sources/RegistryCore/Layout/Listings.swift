import Storage

/// The names in directories that were asked for lately: each list is good for as long as its directory is what it was,
/// which costs one look at the attributes of the directory, and none for a moment (``Sightings``).
struct Listings: Sendable {
    let sightings: Sightings
    private let known: DerivedValues<ObjectKey, [ObjectEntry]>

    /// About how many bytes a name costs in memory.
    private static let entryCost = 96

    init(_ sightings: Sightings) {
        self.sightings = sightings
        self.known = DerivedValues(sightings, costLimit: 24 << 20)
    }

    /// The lists of those of `prefixes` that were asked for lately and have not changed: all are looked at in one step.
    func known(_ prefixes: [ObjectKey]) async throws -> [ObjectKey: [ObjectEntry]] {
        try await known.values(for: prefixes)
    }

    /// All names directly below `prefix`, in the order of their bytes.
    func list(_ prefix: ObjectKey) async throws -> [ObjectEntry] {
        if let entries = try await known.value(for: prefix) { return entries }
        let sources = try await Sources([prefix], by: sightings)
        let entries = try await sightings.storage.list(prefix)
        known.keep(entries, for: prefix, madeFrom: sources, cost: entries.count * Self.entryCost + 512)
        return entries
    }
}
