package import ImageModel
package import Storage

/// A tag of a v2 directory and the manifest it points to.
package struct TaggedManifest: Sendable {
    /// The repository.
    package let name: RepositoryName
    /// The tag.
    package let tag: Tag
    /// The digest of the manifest.
    package let digest: Digest
    /// When the tag was set, in nanoseconds since 1970.
    package let modified: Int64
}

/// Enumerates the tags of a v2 directory and the manifests they point to.
package struct TaggedManifests: Sendable {
    private let storage: any ObjectStorage
    private let links: TagLinks
    private let manifests: Manifests

    /// Enumerates the tags of the registry that consists of `parts`.
    package init(_ parts: RegistryParts) {
        self.storage = parts.storage
        self.links = parts.tags
        self.manifests = parts.manifests
    }

    /// Calls `body` with every tag, repository by repository in bytewise order of their names.
    ///
    /// - Parameter unreadable: Called instead for every tag whose link cannot be read.
    package func forEach(
        _ body: (TaggedManifest) async throws -> Void,
        unreadable: (RepositoryName, Tag, StorageError) async throws -> Void
    ) async throws {
        let recent = RecentStorage(over: TrackedStorage(storage), window: .zero)
        for name in try await links.repositories(recent) {
            for tag in try await links.list(in: name) {
                try Task.checkCancellation()
                let found: TagSide<Digest>?
                do { found = try await links.side(tag, in: name) } catch let error as StorageError
                    where error.isOfOneObject
                {
                    try await unreadable(name, tag, error)
                    continue
                }
                guard let side = found else { continue }
                try await body(TaggedManifest(name: name, tag: tag, digest: side.value, modified: side.modified))
            }
        }
    }

    /// The manifest with this digest, byte for byte as stored.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` if the repository does not have it.
    package func manifest(_ digest: Digest, in name: RepositoryName) async throws -> Manifest {
        try await manifests.read(digest, in: name)
    }
}
