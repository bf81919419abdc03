import Storage

/// The names in directories that were asked for lately: each list is good for as long as its directory is what it was,
/// which costs one look at the attributes of the directory. So what other programs change is seen at once.
struct Listings: Sendable {
    private let storage: any ObjectStorage
    private let known: DerivedValues<ObjectKey, [ObjectEntry]>

    /// About how many bytes a name costs in memory.
    private static let entryCost = 96

    init(storage: any ObjectStorage) {
        self.storage = storage
        self.known = DerivedValues(storage: storage, costLimit: 24 << 20)
    }

    /// The lists of those of `prefixes` that were asked for lately and have not changed: all are looked at in one step.
    func known(_ prefixes: [ObjectKey]) async throws -> [ObjectKey: [ObjectEntry]] {
        try await known.values(for: prefixes)
    }

    /// All names directly below `prefix`, in the order of their bytes.
    func list(_ prefix: ObjectKey) async throws -> [ObjectEntry] {
        if let entries = try await known.value(for: prefix) { return entries }
        let sources = try await Sources([prefix], in: storage)
        let entries = try await storage.list(prefix)
        known.keep(entries, for: prefix, madeFrom: sources, cost: entries.count * Self.entryCost + 512)
        return entries
    }
}
