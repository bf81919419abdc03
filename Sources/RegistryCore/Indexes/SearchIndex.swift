import ImageModel
import Storage

/// An in-memory index of all repositories and their descriptions.
///
/// Changes by this server show at once. A search that finds the index over a minute old is served from it, and starts
/// building a new one, which also has the changes by other programs.
package actor SearchIndex {
    /// How old the index may get before a search starts building a new one.
    private static let lifetime = Duration.seconds(60)

    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let tags: TagLinks
    private let recent: RecentStorage
    private let descriptions: ImageDescriptions
    private let damage: DamageLog
    private var entries: [String: SearchResult] = [:]
    private var builtAt: ContinuousClock.Instant?
    private var build: Task<[String: SearchResult], any Error>?
    private let changes = PendingChanges<String>()
    /// Repositories that existed before this process started and have no description.
    private var inherited: Set<String> = []

    init(parts: RegistryParts, recent: RecentStorage, damage: DamageLog) {
        self.damage = damage
        self.storage = parts.storage
        self.recent = recent
        self.tree = parts.tree
        self.tags = parts.tags
        self.descriptions = ImageDescriptions(parts: parts)
        parts.events.subscribe { [changes] event in
            guard event.isOfTags, let repository = event.repository else { return }
            if let name = repository.v1?.description ?? repository.v2?.description { changes.note(name) }
        }
    }

    /// The repositories whose name or description contains `words`, ignoring case; the best matches first.
    package func search(_ words: String) async throws(RegistryError) -> [SearchResult] {
        try await RegistryError.translating {
            try await refresh()
            return SearchQuery(words).best(of: entries.values)
        }
    }

    private func refresh() async throws {
        if builtAt == nil {
            let fresh = try await rebuild().value
            take(fresh)
        } else if let builtAt, ContinuousClock.now - builtAt > Self.lifetime, build == nil {
            let task = rebuild()
            Task { await finish(task) }
        }
        // Changes after this loop are found by the next search.
        while let name = changes.takeOne() {
            do { entries[name] = try await entry(name) } catch {
                changes.note(name)
                throw error
            }
        }
    }

    private func rebuild() -> Task<[String: SearchResult], any Error> {
        if let build { return build }
        let task = Task { try await lookThrough() }
        build = task
        return task
    }

    private func finish(_ task: Task<[String: SearchResult], any Error>) async {
        switch await task.result {
        case .success(let fresh): take(fresh)
        case .failure:
            // The old index stays; the next search tries again.
            build = nil
        }
    }

    private func take(_ fresh: [String: SearchResult]) {
        if builtAt == nil { inherited = Set(fresh.values.filter { $0.description == nil }.map(\.name)) }
        entries = fresh
        builtAt = .now
        build = nil
    }

    private func lookThrough() async throws -> [String: SearchResult] {
        let isFirst = builtAt == nil
        var found: [String: SearchResult] = [:]
        for name in try await tree.repositories(damage: damage) {
            let isInherited = isFirst || inherited.contains(name.description)
            let description = try await descriptions.describe(name)
            found[name.description] = SearchResult(
                name: name.description,
                description: description ?? (isInherited ? nil : "")
            )
        }
        for name in try await tags.repositories(recent, damage: damage) {
            let v1Name = Self.v1Name(of: name)
            if let known = found[v1Name], known.description?.isEmpty == false { continue }
            let description = try await descriptions.describe(name)
            if found[v1Name] != nil, description == nil { continue }
            found[v1Name] = SearchResult(name: v1Name, description: description ?? "")
        }
        return found
    }

    /// The current entry of a repository; nil if it is gone.
    private func entry(_ text: String) async throws -> SearchResult? {
        inherited.remove(text)
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let name = V1RepositoryName(
            namespace: String(text[..<slash]),
            repository: String(text[text.index(after: slash)...])
        )
        let v2 = try? name.v2Name
        var isThere = false
        if let directory = V1Layout.repository(name) { isThere = try await storage.attributes(of: directory) != nil }
        if !isThere, let v2 { isThere = try await tags.isTagged(v2) }
        guard isThere else { return nil }
        var description = try await descriptions.describe(name)
        if description == nil, let v2 { description = try await descriptions.describe(v2) }
        return SearchResult(name: text, description: description ?? "")
    }

    private static func v1Name(of name: RepositoryName) -> String {
        V1RepositoryName(name)?.description ?? name.description
    }
}
