import ImageModel
import Storage

/// The removal of a tag from both layouts.
struct TagRemoval: Sendable {
    let storage: any ObjectStorage

    /// Removes a tag, and answers whether there was one. The caller holds the tag's lock.
    ///
    /// The v1 side goes first, and the record last: after a failure in between the tag is still there for v2, and
    /// nothing brings back what was removed.
    func remove(_ tag: Tag, in name: RepositoryName) async throws -> Bool {
        let wasInV1 = try await removeFromV1(tag, in: name)
        let wasInV2 = try await storage.attributes(of: V2Layout.currentLink(tag, in: name)) != nil
        try await storage.removeAll(below: V2Layout.tag(tag, in: name))
        try await storage.remove(OwnLayout.tagRecord(tag, in: name))
        return wasInV1 || wasInV2
    }

    private func removeFromV1(_ tag: Tag, in name: RepositoryName) async throws -> Bool {
        guard let legacyName = V1RepositoryName(name), let key = V1Layout.tag(tag.description, in: legacyName) else {
            return false
        }
        let wasThere = try await storage.remove(key)
        if wasThere, let json = V1Layout.tagJSON(tag.description, in: legacyName) { try await storage.remove(json) }
        return wasThere
    }
}
