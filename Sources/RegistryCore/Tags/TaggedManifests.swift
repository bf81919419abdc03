package import ImageModel
package import Storage

/// A tag of a v2 directory and the manifest that it names.
package struct TaggedManifest: Sendable {
    package let name: RepositoryName
    package let tag: Tag
    package let digest: Digest
    /// When the tag was set, in nanoseconds since 1970.
    package let modified: Int64
}

/// All tags of a v2 directory, one after the other, and what they name.
package struct TaggedManifests: Sendable {
    private let storage: any ObjectStorage
    private let links: TagLinks
    private let manifests: Manifests

    package init(_ parts: RegistryParts) {
        self.storage = parts.storage
        self.links = parts.tags
        self.manifests = parts.manifests
    }

    /// Calls `body` with every tag, by the order of the repositories' names.
    ///
    /// - Parameter unreadable: Called with every tag whose link cannot be read.
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

    /// The manifest that has `digest`, byte for byte.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)``.
    package func manifest(_ digest: Digest, in name: RepositoryName) async throws -> Manifest {
        try await manifests.read(digest, in: name)
    }
}
