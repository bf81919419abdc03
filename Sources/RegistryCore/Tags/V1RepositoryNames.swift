import ImageModel
import Storage

/// The repositories of the v1 tree whose names are valid in v2, in the order of their v2 names. Cached until one of the
/// directories that contain them changes.
struct V1RepositoryNames: Sendable {
    /// The names of a repository in both protocols.
    struct Name: Sendable {
        let v2: RepositoryName
        let v1: V1RepositoryName
    }

    private let storage: RecentStorage
    private let damage: DamageLog
    private let known: DerivedValues<ObjectKey, [Name]>

    /// The approximate memory use of a name or an observed directory in bytes.
    private static let nameCost = 256

    init(recent storage: RecentStorage, damage: DamageLog) {
        self.storage = storage
        self.damage = damage
        self.known = DerivedValues(storage, costLimit: 64 << 20)
    }

    /// The names that sort after `last` bytewise; all of them for nil.
    func all(after last: String?) async throws -> ArraySlice<Name> {
        let names = try await all()
        guard let last else { return names[...] }
        var range = names.startIndex..<names.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if last.utf8.lexicographicallyPrecedes(names[middle].v2.description.utf8) {
                range = range.lowerBound..<middle
            } else {
                range = middle + 1..<range.upperBound
            }
        }
        return names[range.lowerBound...]
    }

    private func all() async throws -> [Name] {
        let root = V1Layout.repositories
        if let names = try await known.value(for: root) { return names }
        var sources = try await storage.observe([root])
        let namespaces = try await storage.list(root).filter(\.isDirectory).map(\.name)
        sources.add(try await storage.observe(namespaces.map { root.appending($0) }))
        var names: [Name] = []
        var isWhole = true
        for namespace in namespaces {
            let entries = try await damage.unlessDamaged("namespace", in: namespace) {
                try await storage.list(root.appending(namespace))
            }
            isWhole = isWhole && entries != nil
            for repository in entries ?? [] where repository.isDirectory {
                let v1 = V1RepositoryName(namespaceComponent: namespace, repositoryComponent: repository.name)
                guard let v1, let v2 = try? v1.v2Name else { continue }
                names.append(Name(v2: v2, v1: v1))
            }
        }
        names.sort { $0.v2 < $1.v2 }
        // Times may not change when a namespace becomes readable again.
        guard isWhole else { return names }
        known.keep(names, for: root, madeFrom: sources, cost: (names.count + namespaces.count) * Self.nameCost)
        return names
    }
}
