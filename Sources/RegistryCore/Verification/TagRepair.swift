import ImageModel
import NIOCore
import Storage

/// Repairs tags with the record that Longshore keeps of both layouts' tags.
struct TagRepair: Sendable {
    let context: VerificationContext
    let joiner: TagJoiner
    let locks: TagLocks

    private var storage: any ObjectStorage { context.storage }

    /// Repairs the tag with this key, and returns what was done; nil if nothing can be.
    func repair(_ key: ObjectKey, _ kind: DamageFinding.Kind) async throws -> String? {
        if let (repository, tag) = V2Layout.place(of: key), let tag {
            return try await repairV2(key, kind, try? RepositoryName(parsing: repository), try? Tag(parsing: tag))
        }
        guard let (repository, tag) = V1Layout.place(of: key), let tag = tag.flatMap({ try? Tag(parsing: $0) }),
            let slash = repository.firstIndex(of: "/")
        else { return nil }
        let v1Name = V1RepositoryName(
            namespace: String(repository[..<slash]),
            repository: String(repository[repository.index(after: slash)...])
        )
        guard let name = try? v1Name.v2Name else { return nil }
        return try await locks.withLock(tag, in: name) {
            guard let record = try await joiner.record(of: tag, in: name), let image = record.image,
                try await joiner.v2Side(tag, in: name)?.value == record.manifest,
                try await storage.attributes(of: V1Layout.json(image)) != nil
            else { return nil }
            try await storage.write(ByteBuffer(string: image.description), to: key)
            return "pointed to image \(image), as last recorded"
        }
    }

    private func repairV2(
        _ key: ObjectKey,
        _ kind: DamageFinding.Kind,
        _ name: RepositoryName?,
        _ tag: Tag?
    ) async throws -> String? {
        guard let name, let tag else { return nil }
        return try await locks.withLock(tag, in: name) {
            if kind == .danglingTag {
                // registry:2 and a lost link leave the same trace; the tag says that the manifest is wanted.
                guard let bytes = try await storage.read(key, limit: LinkedObject.linkLimit),
                    let target = try? Digest(parsing: String(buffer: bytes)),
                    try await context.relink(target, at: V2Layout.revisionLink(target, in: name))
                else { return nil }
                return "linked the manifest again"
            }
            guard let target = try await target(of: tag, in: name) else { return nil }
            var batch = WriteBatch()
            batch.link(target, at: key)
            batch.require(V2Layout.revisionLink(target, in: name))
            try await storage.commit(batch)
            return "pointed to \(target)"
        }
    }

    /// The manifest that a tag certainly pointed to: the recorded one if the v1 tag is unchanged, or the only one it
    /// has ever pointed to.
    private func target(of tag: Tag, in name: RepositoryName) async throws -> Digest? {
        if let record = try await joiner.record(of: tag, in: name), let image = record.image,
            let v1Name = V1RepositoryName(name), try await context.tree.side(tag, in: v1Name)?.value == image
        {
            return record.manifest
        }
        let targets = try await context.walk.digests(below: V2Layout.tag(tag, in: name).appending("index"))
        return targets.count == 1 ? targets[0] : nil
    }
}
