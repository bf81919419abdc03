package import ImageModel
import Storage

/// Deletes: the only thing that takes anything out of both layouts.
extension Registry {
    /// Removes a tag, and that tag alone, in both layouts.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` when there is no such tag in either, and when there is
    ///   no such repository: GET of the same path says so, and registry:2, whose refusals the scripts that clean up know.
    package func deleteTag(_ tag: Tag, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            guard try await bridge.remove(tag, in: name) else {
                throw RegistryError.manifestUnknown(reference: tag.description, reason: nil)
            }
        }
    }

    /// Removes a manifest from a repository, and every tag that names it there, in both layouts.
    ///
    /// A derived digest stands for all manifests that tags name and that it is a form of: they are what is removed.
    /// Tags that only v1 knows are converted first: otherwise one whose manifest this is would bring it back.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)``, as ``deleteTag(_:in:)`` does.
    package func deleteManifest(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            try await bridge.convertPendingTags(name)
            if try await removeRevision(digest, in: name) { return }
            // A clean-up script deletes the digest that it was shown: what it means is what the tag names.
            var isRemoved = false
            for root in try await derived.roots(of: digest, in: name) where try await removeRevision(root, in: name) {
                isRemoved = true
            }
            guard isRemoved else { throw RegistryError.manifestUnknown(reference: digest.description, reason: nil) }
        }
    }

    /// Takes a manifest and its tags out of a repository, and returns whether it was there.
    private func removeRevision(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        try await revisionLocks.withLock(digest, in: name) {
            // A link that is damaged is there, and can be taken away.
            guard try await manifests.hasLink(digest, in: name) else { return false }
            // Behind the tags: were it first, a failure in between would leave tags that name nothing.
            var end = WriteBatch()
            manifests.remove(digest, from: name, &end)
            try await bridge.remove(catalogue.tags(in: name), naming: digest, in: name, with: end)
            events.publish(.manifestRemoved(digest), in: name)
            return true
        }
    }

    /// Takes a blob out of a repository. Its bytes stay until they are collected: other repositories may have it.
    package func deleteBlob(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            guard try await blobs.unlink(digest, from: name) else { throw RegistryError.blobUnknown(digest) }
            events.publish(.blobRemoved(digest), in: name)
        }
    }
}
