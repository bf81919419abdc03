package import ImageModel
import Storage

/// Deletes, in both layouts. What an immutable tag points to or names is not deleted.
extension Registry {
    /// Removes a tag from both layouts; the manifest and its other tags stay.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` if neither layout has the tag, even if there is
    ///   no such repository: GET of the same path gives the same error, and clean-up scripts know it from registry:2.
    package func deleteTag(_ tag: Tag, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            guard try await bridge.remove(tag, in: name) else {
                throw RegistryError.manifestUnknown(reference: tag.description, reason: nil)
            }
        }
    }

    /// Removes a tag from both layouts, even one whose name only v1 allows, and returns whether it existed.
    package func deleteTag(_ text: String, in repository: EventRepository) async throws(RegistryError) -> Bool {
        try refuseWhenReadOnly()
        if let name = repository.v2, let tag = try? Tag(parsing: text) { return try await bridge.remove(tag, in: name) }
        guard let name = repository.v1 else { return false }
        return try await bridge.remove(text, in: name)
    }

    /// Removes a manifest from a repository, along with every tag that points to it there, in both layouts.
    ///
    /// The digest of a derived manifest stands for the tagged manifests it was derived from: they are removed. v1-only
    /// tags are converted first; otherwise a later pull of such a tag could restore the manifest.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)``, like ``deleteTag(_:in:)``.
    package func deleteManifest(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            try await bridge.convertPendingTags(name)
            if try await removeRevision(digest, in: name) { return }
            // A clean-up script deletes the digest it was served, but means the manifest the tag points to.
            var isRemoved = false
            for root in try await derived.roots(of: digest, in: name) where try await removeRevision(root, in: name) {
                isRemoved = true
            }
            guard isRemoved else { throw RegistryError.manifestUnknown(reference: digest.description, reason: nil) }
        }
    }

    /// Removes a manifest and its tags from a repository, and returns whether it was there.
    private func removeRevision(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        try await repositoryLocks.withSharedLock(of: name) {
            try await revisionLocks.withLock(digest, in: name) {
                // A damaged link counts: it can be removed.
                guard try await manifests.hasLink(digest, in: name) else { return false }
                try await protected.requireUnneeded(digest, in: name)
                // Last, so that a failure in between does not leave dangling tags.
                var end = WriteBatch()
                manifests.remove(digest, from: name, &end)
                try await bridge.remove(catalogue.tags(in: name), naming: digest, in: name, with: end)
                events.publish(.manifestRemoved(digest), in: name)
                return true
            }
        }
    }

    /// Removes a blob from a repository. Its bytes stay until garbage collection: other repositories may have it.
    package func deleteBlob(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            try await protected.requireUnneeded(digest, in: name)
            guard var batch = try await blobs.removal(of: digest, from: name) else {
                throw RegistryError.blobUnknown(digest)
            }
            let recorded = events.record([.blobRemoved(digest)], in: name, &batch)
            try await blobs.storage.commit(batch)
            events.publish(.blobRemoved(digest), in: name)
            recorded.wereCommitted()
        }
    }
}
