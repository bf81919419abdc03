import ImageModel
import Storage

extension TagLinks {
    /// The repositories with at least one tag, in bytewise order of their names.
    ///
    /// - Parameter damage: Logs unreadable directories.
    func repositories(_ recent: RecentStorage, damage: DamageLog = DamageLog(logger: nil)) async throws
        -> [RepositoryName]
    {
        var names: [RepositoryName] = []
        let walk = RepositoryWalk(storage: recent, presence: RepositoryPresence(recent), damage: damage)
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

    /// Whether the repository has at least one tag.
    func isTagged(_ name: RepositoryName) async throws -> Bool {
        for entry in try await storage.list(V2Layout.tags(of: name)) where entry.isDirectory {
            guard let tag = try? Tag(parsing: entry.name) else { continue }
            if try await storage.exist([V2Layout.currentLink(tag, in: name)]) == [true] { return true }
        }
        return false
    }

    /// Removes a tag with its history.
    func remove(_ tag: Tag, in name: RepositoryName) async throws {
        var batch = WriteBatch()
        _ = try await remove([tag], in: name, &batch)
        try await storage.commit(batch)
    }

    /// Adds to `batch` the changes that remove tags with their history, and returns those that exist.
    func remove(_ tags: [Tag], in name: RepositoryName, _ batch: inout WriteBatch) async throws -> Set<Tag> {
        let directories = try await storage.exist(tags.map { V2Layout.tag($0, in: name) })
        let links = try await storage.exist(tags.map { V2Layout.currentLink($0, in: name) })
        for (tag, isThere) in zip(tags, directories) where isThere {
            // Without its link there is no tag, so the removal of the rest need not be durable.
            batch.remove(V2Layout.currentLink(tag, in: name))
            batch.discard(V2Layout.tag(tag, in: name))
        }
        return Set(zip(tags, links).filter(\.1).map(\.0))
    }
}
