import ImageModel
import Storage

extension TagLinks {
    /// Every repository that has a tag, in the order of their names' bytes.
    ///
    /// - Parameter damage: Where directories are named that cannot be read.
    func repositories(_ listings: Listings, damage: DamageLog = DamageLog(logger: nil)) async throws -> [RepositoryName]
    {
        var names: [RepositoryName] = []
        let walk = RepositoryWalk(
            listings: listings,
            presence: RepositoryPresence(listings.sightings),
            damage: damage
        )
        try await walk.visit(after: nil) { name, isInUse in
            guard isInUse else { return true }
            let hasTag: Bool? = try await damage.unlessDamaged("tags", in: name.description) {
                try await isTagged(name)
            }
            if hasTag == true { names.append(name) }
            return true
        }
        return names
    }

    /// Whether the repository has a tag at all.
    func isTagged(_ name: RepositoryName) async throws -> Bool {
        for entry in try await storage.list(V2Layout.tags(of: name)) where entry.isDirectory {
            guard let tag = try? Tag(parsing: entry.name) else { continue }
            if try await storage.exist([V2Layout.currentLink(tag, in: name)]) == [true] { return true }
        }
        return false
    }

    /// Takes a tag away with its history, and answers whether it was there.
    func remove(_ tag: Tag, in name: RepositoryName) async throws -> Bool {
        guard try await storage.attributes(of: V2Layout.tag(tag, in: name)) != nil else { return false }
        let wasThere = try await storage.attributes(of: V2Layout.currentLink(tag, in: name)) != nil
        try await storage.removeAll(below: V2Layout.tag(tag, in: name))
        return wasThere
    }
}
