package import ImageModel
import Storage

/// Setting tags to content that the registry already has.
extension Registry {
    /// Sets a tag to a manifest of the repository, in both protocols, as a push of it would.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` if the repository has no such manifest.
    package func setTag(_ tag: Tag, to digest: Digest, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            let manifest = ManifestSummary(try await manifests.read(digest, in: name), digest: digest)
            try await repositoryLocks.withSharedLock(of: name) {
                try await revisionLocks.withLock(digest, in: name) {
                    try await bridge.set([tag], to: digest, in: name) { setting in
                        var batch = WriteBatch()
                        batch.require(V2Layout.revisionLink(digest, in: name))
                        batch.append(setting)
                        // To the receivers of notifications it is a push, as with registry:2.
                        let push = RegistryEvent.Change.manifestPushed(manifest, tags: [tag])
                        let recorded = events.record([push], in: name, &batch)
                        do { try await manifests.storage.commit(batch) } catch StorageError.absent {
                            throw RegistryError.manifestUnknown(reference: digest.description, reason: nil)
                        }
                        recorded.wereCommitted()
                    }
                }
            }
        }
    }

    /// Sets a tag to the target of another tag of the repository, in both protocols.
    ///
    /// - Throws: ``RegistryError/tagUnknown(_:)`` if there is no tag `source`; ``RegistryError/malformedTag(_:)`` if the
    ///   protocol that has the target does not allow the tag's name.
    package func setTag(
        _ text: String,
        toTag source: String,
        in repository: EventRepository
    ) async throws(RegistryError) {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            switch try await bridge.target(of: source, in: repository) {
            case nil: throw RegistryError.tagUnknown(source)
            case .image(let image, let manifest):
                guard let v1Name = repository.v1 else { throw RegistryError.malformedName(repository.description) }
                try await setTag(text, to: image, manifest, in: v1Name)
            case .manifest(let digest):
                guard let tag = try? Tag(parsing: text), let name = repository.v2 else {
                    throw RegistryError.malformedTag(text)
                }
                try await setTag(tag, to: digest, in: name)
            }
        }
    }

    /// Sets a tag to a v1 image and, if there is one already, the manifest it was converted to.
    private func setTag(
        _ text: String,
        to image: V1ImageID,
        _ manifest: Digest?,
        in v1Name: V1RepositoryName
    ) async throws {
        let agent = ClientAgent(nil)
        guard let manifest, let (tag, name) = bridge.v2Names(text, in: v1Name) else {
            return try await bridge.set(text, to: image, by: agent, in: v1Name)
        }
        let summary = ManifestSummary(try await manifests.read(manifest, in: name), digest: manifest)
        try await repositoryLocks.withSharedLock(of: name) {
            try await revisionLocks.withLock(manifest, in: name) {
                try await bridge.locks.withLock(tag, in: name) {
                    var setting = WriteBatch()
                    setting.require(V1Layout.json(image))
                    setting.require(V2Layout.revisionLink(manifest, in: name))
                    let record = TagRecord(image: image, manifest: manifest)
                    try await bridge.joiner.write(record, tag: tag, in: name, &setting)
                    do {
                        try await bridge.commit(text, image, summary, by: agent, in: v1Name, tag, name, with: setting)
                    } catch StorageError.absent {
                        throw RegistryError.manifestUnknown(reference: manifest.description, reason: nil)
                    }
                }
            }
        }
    }
}
