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

    /// The manifest a tag points to; nil if there is no such tag.
    func read(_ tag: Tag, in name: RepositoryName) async throws -> Digest? {
        try await links.read(V2Layout.currentLink(tag, in: name))
    }

    /// The manifest a tag points to and when it was set; nil if there is no such tag.
    func side(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        let key = V2Layout.currentLink(tag, in: name)
        guard let digest = try await links.read(key), let attributes = try await storage.attributes(of: key) else {
            return nil
        }
        return TagSide(value: digest, modified: attributes.modified)
    }

    /// The tags of a repository, in bytewise order.
    func list(in name: RepositoryName) async throws -> [Tag] {
        let entries = try await storage.list(V2Layout.tags(of: name)).filter(\.isDirectory)
        // registry:2 leaves the directory of a deleted tag behind.
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
    /// All names directly below `prefix`, in bytewise order.
    package func list(_ prefix: ObjectKey) async throws(StorageError) -> [ObjectEntry] {
        try await list(prefix, after: nil, limit: .max)
    }
}
