package import ImageModel
import Storage

/// The repositories and tags that there are, in either layout.
package struct Catalogue: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let tags: TagLinks

    init(storage: any ObjectStorage) {
        self.storage = storage
        self.tree = V1Tree(storage: storage)
        self.tags = TagLinks(storage: storage)
    }

    /// Whether there is such a repository in either layout.
    package func contains(_ name: RepositoryName) async throws -> Bool {
        if try await storage.attributes(of: V2Layout.manifests(of: name))?.kind == .directory { return true }
        guard let legacyName = V1RepositoryName(name) else { return false }
        return try await tree.contains(legacyName)
    }

    /// The tags of a repository, in the order of their bytes: v2's, and those of v1 that v2 can have.
    ///
    /// - Throws: ``RegistryError/repositoryUnknown(_:)`` when there is no such repository.
    package func tags(in name: RepositoryName) async throws -> [Tag] {
        guard try await contains(name) else { throw RegistryError.repositoryUnknown(name.description) }
        var all = Set(try await tags.list(in: name))
        if let legacyName = V1RepositoryName(name) {
            for tag in try await legacyTags(in: legacyName) { all.insert(tag) }
        }
        return all.sorted()
    }

    /// The names that v2 lists, in the order of their bytes: repositories with a tag or a manifest.
    package func repositories() async throws -> [RepositoryName] {
        var names: Set<RepositoryName> = []
        try await collect(below: V2Layout.repositories, path: "", into: &names)
        for legacyName in try await tree.repositories() {
            guard let name = try? legacyName.v2Name, !names.contains(name) else { continue }
            if try await !legacyTags(in: legacyName).isEmpty { names.insert(name) }
        }
        return names.sorted()
    }

    /// The names that v1's search lists, in the order of their bytes.
    package func legacyRepositories() async throws -> [String] {
        var names = Set(try await tree.repositories().map(\.description))
        var modern: Set<RepositoryName> = []
        try await collect(below: V2Layout.repositories, path: "", into: &modern)
        for name in modern { names.insert(V1RepositoryName(name)?.description ?? name.description) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The tags of a v1 repository that v2 can have, so far as can be told without reading a layer.
    private func legacyTags(in name: V1RepositoryName) async throws -> [Tag] {
        var result: [Tag] = []
        for text in try await tree.tagNames(in: name) {
            guard let tag = try? Tag(parsing: text), let image = try await tree.tag(text, in: name)?.image,
                try await tree.json(image) != nil, try await !tree.isInProgress(image)
            else { continue }
            result.append(tag)
        }
        return result
    }

    private func collect(below prefix: ObjectKey, path: String, into names: inout Set<RepositoryName>) async throws {
        for entry in try await storage.list(prefix) where entry.isDirectory {
            let key = prefix.appending(entry.name)
            if entry.name == "_manifests" {
                if let name = try? RepositoryName(parsing: path), try await hasManifest(key) { names.insert(name) }
            } else if !entry.name.hasPrefix(V2Layout.reservedPrefix) {
                try await collect(below: key, path: path.isEmpty ? entry.name : "\(path)/\(entry.name)", into: &names)
            }
        }
    }

    private func hasManifest(_ manifests: ObjectKey) async throws -> Bool {
        for algorithm in Digest.Algorithm.allCases {
            let revisions = manifests.appending("revisions/\(algorithm.rawValue)")
            if try await !storage.list(revisions, after: nil, limit: 1).isEmpty { return true }
        }
        return try await !storage.list(manifests.appending("tags"), after: nil, limit: 1).isEmpty
    }
}
