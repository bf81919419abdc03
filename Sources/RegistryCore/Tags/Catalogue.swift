package import ImageModel
import Storage

/// Lists the repositories and tags of both layouts.
///
/// Pages come from cached lists of names (``RecentStorage``). Changes by other programs show when the window ends
/// (``Registry/Configuration/window``), or two seconds later if a directory changes twice within the resolution of the
/// file system's clock.
package struct Catalogue: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let recent: RecentStorage
    private let presence: RepositoryPresence
    private let v1Repositories: V1RepositoryNames
    private let damage: DamageLog

    init(tree: V1Tree, recent: RecentStorage, damage: DamageLog) {
        self.damage = damage
        self.storage = recent.current
        self.tree = tree
        self.recent = recent
        self.presence = RepositoryPresence(recent)
        self.v1Repositories = V1RepositoryNames(recent: recent, damage: damage)
    }

    /// Whether the repository exists in either layout.
    package func contains(_ name: RepositoryName) async throws -> Bool {
        if try await storage.attributes(of: V2Layout.manifests(of: name))?.kind == .directory { return true }
        guard let v1Name = V1RepositoryName(name) else { return false }
        return try await tree.contains(v1Name)
    }

    /// The repository that serves pulls of `name` if `name` does not exist: `X` for `library/X`, and vice versa. Nil if
    /// `name` exists, or neither does.
    func alias(of name: RepositoryName) async throws -> RepositoryName? {
        guard let alias = name.otherSpelling, try await !contains(name), try await contains(alias) else { return nil }
        return alias
    }

    /// The tags of a repository, in bytewise order: v2 tags, and v1 tags that can be converted.
    ///
    /// - Throws: ``RegistryError/repositoryUnknown(_:)`` if there is no such repository.
    package func tags(in name: RepositoryName) async throws(RegistryError) -> [Tag] {
        try await RegistryError.translating {
            try await tags(in: name, after: nil, limit: .max)
        }
    }

    /// Up to `limit` tags of a repository that sort after `last`: v2 tags, and v1 tags that can be converted.
    ///
    /// - Throws: ``RegistryError/repositoryUnknown(_:)`` if there is no such repository.
    package func tags(in name: RepositoryName, after last: String?, limit: Int) async throws(RegistryError) -> [Tag] {
        try await RegistryError.translating {
            guard try await contains(name) else { throw RegistryError.repositoryUnknown(name.description) }
            let v1Name = V1RepositoryName(name)
            let v2 = try await recent.list(V2Layout.tags(of: name)).filter(\.isDirectory).map(\.name)
            let v1 = if let v1Name { try await tree.tagNames(in: v1Name) } else { [String]() }
            let v1Set = Set(v1)
            let names = v1.isEmpty ? v2 : Set(v2).union(v1).sorted(by: Self.areInOrder)
            var rest = Self.names(names, after: last).compactMap { try? Tag(parsing: $0) }[...]
            var page: [Tag] = []
            while page.count < limit, !rest.isEmpty {
                let some = rest.prefix(min(limit - page.count, 256))
                rest = rest.dropFirst(some.count)
                let links = try await storage.exist(some.map { V2Layout.currentLink($0, in: name) })
                for (tag, link) in zip(some, links) {
                    var isThere = link
                    if !isThere, let v1Name, v1Set.contains(tag.description) {
                        isThere = try await isConvertible(tag.description, in: v1Name)
                    }
                    if isThere { page.append(tag) }
                }
            }
            return page
        }
    }

    /// Up to `limit` names of repositories with a tag or a manifest that sort after `last`, in bytewise order.
    ///
    /// - Parameter isShown: Whether a repository may be listed.
    package func repositories(
        after last: String? = nil,
        limit: Int = .max,
        where isShown: (RepositoryName) -> Bool = { _ in true }
    ) async throws(RegistryError) -> [RepositoryName] {
        try await RegistryError.translating {
            guard limit > 0 else { return [] }
            var v1 = try await v1Repositories.all(after: last)
            var page: [RepositoryName] = []
            let walk = RepositoryWalk(storage: recent, presence: presence, damage: damage)
            try await walk.visit(after: last) { name, isInUse in
                while let first = v1.first, first.v2 < name {
                    v1.removeFirst()
                    if isShown(first.v2), try await hasTag(first.v1) { page.append(first.v2) }
                    if page.count >= limit { return false }
                }
                let twin = v1.first.flatMap { $0.v2 == name ? $0.v1 : nil }
                if twin != nil { v1.removeFirst() }
                guard isShown(name) else { return true }
                var isListed = isInUse
                if !isListed, let twin { isListed = try await hasTag(twin) }
                if isListed { page.append(name) }
                return page.count < limit
            }
            for name in v1 where page.count < limit && isShown(name.v2) {
                if try await hasTag(name.v1) { page.append(name.v2) }
            }
            return page
        }
    }

    /// All repositories that clients of either protocol see, ordered by name, including those whose names v2 does not
    /// allow.
    package func everyRepository() async throws(RegistryError) -> [EventRepository] {
        try await RegistryError.translating {
            let listed = try await repositories()
            var all = Set(listed.map { EventRepository($0) })
            for name in try await tree.repositories(damage: damage) where !all.contains(EventRepository(name)) {
                if try await tree.contains(name) { all.insert(EventRepository(name)) }
            }
            return all.sorted { Self.areInOrder($0.description, $1.description) }
        }
    }

    private func hasTag(_ name: V1RepositoryName) async throws -> Bool {
        for text in try await tree.tagNames(in: name) {
            if (try? Tag(parsing: text)) != nil, try await isConvertible(text, in: name) { return true }
        }
        return false
    }

    /// Whether the image of a v1 tag can be converted, as far as that shows without reading a layer.
    private func isConvertible(_ tag: String, in name: V1RepositoryName) async throws -> Bool {
        try await damage.unlessDamaged(tag, in: name.description) {
            guard let image = try await tree.tag(tag, in: name)?.image else { return false }
            let json = try await DocumentScope.reading { try await tree.json(image) }
            guard json != nil else { return false }
            return try await !tree.isInProgress(image)
        } ?? false
    }

    private static func names(_ sorted: [String], after last: String?) -> ArraySlice<String> {
        guard let last else { return sorted[...] }
        return sorted.drop { !areInOrder(last, $0) }
    }

    private static func areInOrder(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
