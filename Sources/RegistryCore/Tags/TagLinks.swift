import ImageModel
package import Storage

/// The tags of all repositories in the v2 layout.
package struct TagLinks: Sendable {
    let storage: any ObjectStorage
    private let links: Links

    init(links: Links) {
        self.storage = links.storage
        self.links = links
    }

    /// What a tag names, or nil when there is no such tag.
    func read(_ tag: Tag, in name: RepositoryName) async throws -> Digest? {
        try await links.read(V2Layout.currentLink(tag, in: name))
    }

    /// What a tag names and when it was set, or nil when there is no such tag.
    func side(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        let key = V2Layout.currentLink(tag, in: name)
        guard let digest = try await links.read(key), let attributes = try await storage.attributes(of: key) else {
            return nil
        }
        return TagSide(value: digest, modified: attributes.modified)
    }

    /// The tags of a repository, in the order of their bytes.
    func list(in name: RepositoryName) async throws -> [Tag] {
        let entries = try await storage.list(V2Layout.tags(of: name)).filter(\.isDirectory)
        // registry:2 leaves the directory of a tag that it deleted.
        var rest = entries.compactMap { try? Tag(parsing: $0.name) }[...]
        var tags: [Tag] = []
        while !rest.isEmpty {
            let some = rest.prefix(256)
            rest = rest.dropFirst(some.count)
            let links = try await storage.exist(some.map { V2Layout.currentLink($0, in: name) })
            for (tag, isThere) in zip(some, links) where isThere { tags.append(tag) }
        }
        return tags
    }
}

extension ObjectStorage {
    /// All names directly below `prefix`, in the order of their bytes.
    package func list(_ prefix: ObjectKey) async throws(StorageError) -> [ObjectEntry] {
        try await list(prefix, after: nil, limit: .max)
    }
}
