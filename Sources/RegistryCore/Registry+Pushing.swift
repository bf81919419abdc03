import Conversion
package import ImageModel
import Storage
import SystemLibraries

/// Pushes.
extension Registry {
    /// Refuses a write if the storage is read-only.
    package func refuseWhenReadOnly() throws(RegistryError) {
        if isReadOnly { throw .readOnly }
    }

    /// Stores a pushed manifest under its digest, and sets tags to it.
    ///
    /// - Parameters:
    ///   - reference: The tag or digest it was pushed as; a tag is set along with `tags`.
    ///   - condition: A condition on the tag it was pushed as, checked under the tag's lock.
    ///   - alias: The other spelling of the name, if the caller may pull from it: its content counts as present,
    ///     because pulls from this repository may have been served from it.
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)`` if the reference is a different digest,
    ///   ``RegistryError/unverifiedManifest(reason:)`` for a schema1 manifest with invalid signatures,
    ///   ``RegistryError/tagImmutable(tag:rule:)`` if one of the tags may not be changed.
    package func put(
        _ manifest: Manifest,
        under reference: Reference,
        tags moreTags: [Tag] = [],
        in name: RepositoryName,
        if condition: TagCondition = .none,
        takingOverFrom alias: RepositoryName? = nil
    ) async throws(RegistryError) -> Digest {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            let signed = try manifest.kind == .schema1 ? verified(manifest) : nil
            let stored = try signed.map { try payload(of: $0) } ?? manifest
            let digest = try digest(of: stored, under: reference)
            let tags = if case .tag(let tag) = reference { [tag] + moreTags } else { moreTags }
            try await bridge.convertProtected(tags, in: name)
            try await repositoryLocks.withSharedLock(of: name) {
                if let alias { try await takeOver(namedBy: stored, from: alias, into: name) }
                try await adoptDerived(namedBy: stored, in: name)
                let push = ManifestPush(manifest: stored, signed: signed, digest: digest, name: name)
                try await revisionLocks.withLock(digest, in: name) {
                    if case .tag(let tag) = reference {
                        try await commit(push, tags: tags, if: condition, of: tag)
                    } else {
                        try await commit(push, tags: tags)
                    }
                }
            }
            return digest
        }
    }

    /// A manifest on its way into a repository.
    struct ManifestPush: Sendable {
        /// The manifest to store: for schema1, the payload.
        let manifest: Manifest
        /// The pushed schema1 manifest with its signatures; nil for other kinds.
        let signed: SignedSchema1?
        let digest: Digest
        let name: RepositoryName
    }

    /// Stores a manifest and sets tags to it, in one commit.
    private func commit(
        _ push: ManifestPush,
        tags: [Tag],
        if condition: TagCondition = .none,
        of tag: Tag? = nil
    ) async throws {
        try await bridge.set(tags, to: push.digest, in: push.name, if: condition, of: tag) { setting in
            let batch = try await batch(storing: push, isTagged: !tags.isEmpty)
            if let signed = push.signed, !signed.keyIDs.isEmpty {
                try await signatures.keeping(signed, in: push.name, with: batch) { batch in
                    try await commit(batch, setting: setting, of: push, tags: tags)
                }
            } else {
                try await commit(batch, setting: setting, of: push, tags: tags)
            }
        }
    }

    /// Creates the batch that stores a manifest, along with blobs it references that nobody needs to push.
    private func batch(storing push: ManifestPush, isTagged: Bool) async throws -> WriteBatch {
        var batch = WriteBatch()
        var adopted: Set<Digest> = []
        if push.manifest.requiredBlobs.contains(EmptyLayer.digest) {
            batch.emptyLayer(in: push.name)
            adopted.insert(EmptyLayer.digest)
        }
        func storing() async throws -> WriteBatch {
            try await manifests.batch(
                storing: push.manifest,
                as: push.digest,
                in: push.name,
                adopting: adopted,
                isTagged: isTagged
            )
        }
        do { batch.append(try await storing()) } catch RegistryError.manifestBlobsUnknown(let missing) {
            // HEAD reports derived blobs as present, so a client does not send them.
            let derived = try await derivedBlobs.adoptable(missing, in: push.name)
            guard !derived.isEmpty else { throw RegistryError.manifestBlobsUnknown(missing) }
            for digest in derived.sorted() {
                batch.require(V2Layout.blobData(digest))
                batch.link(digest, at: V2Layout.layerLink(digest, in: push.name))
            }
            adopted.formUnion(derived)
            batch.append(try await storing())
        }
        return batch
    }

    /// Commits a manifest, and after it the changes that set its tags.
    func commit(
        _ batch: WriteBatch,
        setting: WriteBatch,
        of push: ManifestPush,
        tags: [Tag]
    ) async throws {
        var batch = batch
        batch.append(setting)
        let summary = ManifestSummary(push.manifest, digest: push.digest)
        let change = RegistryEvent.Change.manifestPushed(summary, tags: tags)
        let recorded = events.record([change], in: push.name, &batch)
        try await manifests.commit(batch, storing: push.manifest, in: push.name)
        events.publish(change, in: push.name)
        recorded.wereCommitted()
    }

    /// Makes the derived manifests that a pushed index lists permanent: HEAD reports them as present.
    private func adoptDerived(namedBy index: Manifest, in name: RepositoryName) async throws {
        let children = Set(index.manifests.map(\.descriptor.digest)).sorted()
        guard !children.isEmpty else { return }
        let present = try await manifests.storage.exist(children.map { V2Layout.revisionLink($0, in: name) })
        let missing = zip(children, present).filter { !$1 }.map(\.0)
        let derivations = try await manifests.storage.exist(missing.map { OwnLayout.derivedManifest($0, in: name) })
        for (digest, isDerived) in zip(missing, derivations) where isDerived {
            guard let child = try await derived.read(digest, in: name)?.parsed(), child.kind != .schema1 else {
                continue
            }
            let push = ManifestPush(manifest: child, signed: nil, digest: digest, name: name)
            try await revisionLocks.withLock(digest, in: name) { try await commit(push, tags: []) }
        }
    }

    /// The digest a manifest is stored under: the one it was pushed as, otherwise its SHA-256.
    private func digest(of manifest: Manifest, under reference: Reference) throws(RegistryError) -> Digest {
        guard case .digest(let digest) = reference else { return Digest(.sha256, of: manifest.bytes) }
        let actual = Digest(digest.algorithm, of: manifest.bytes)
        guard actual == digest else { throw .digestMismatch(expected: digest, actual: actual) }
        return digest
    }

    private func verified(_ manifest: Manifest) throws(RegistryError) -> SignedSchema1 {
        do { return try SignedSchema1(verifying: manifest.bytes) } catch {
            throw .unverifiedManifest(reason: error.description)
        }
    }

    /// The payload of a signed manifest: its digest is the manifest's, and only the payload is stored as a blob.
    private func payload(of signed: SignedSchema1) throws(RegistryError) -> Manifest {
        do { return try Manifest(parsing: signed.payload, contentType: .schema1) } catch {
            throw .malformedManifest(reason: error.description)
        }
    }
}
