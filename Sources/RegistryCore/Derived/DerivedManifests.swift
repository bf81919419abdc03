import ImageModel
import NIOCore
import Storage

/// Manifests derived from others, stored under their own digests and separately from pushed ones. Each exists as long
/// as one of its sources does.
struct DerivedManifests: Sendable {
    private let storage: any ObjectStorage
    private let manifests: Manifests
    private let blobs: Blobs
    private let derivedBlobs: DerivedBlobs
    private let sources: DerivedSources

    init(
        storage: any ObjectStorage,
        manifests: Manifests,
        blobs: Blobs,
        derivedBlobs: DerivedBlobs,
        sources: DerivedSources
    ) {
        self.storage = storage
        self.manifests = manifests
        self.blobs = blobs
        self.derivedBlobs = derivedBlobs
        self.sources = sources
    }

    /// The derived manifest with this digest; nil if there is none, or all its sources are gone.
    func read(_ digest: Digest, in name: RepositoryName) async throws -> ServedManifest? {
        guard try await source(of: digest, in: name) != nil else { return nil }
        return try await content(digest, in: name)
    }

    /// The manifests through which a derived one was requested: tags point to them, or did before.
    func roots(of digest: Digest, in name: RepositoryName) async throws -> Set<Digest> {
        Set(try await sources.living(of: OwnLayout.derivedManifest(digest, in: name), in: name).map(\.root))
    }

    /// The manifest that another was converted to earlier; nil if there is none, or something it references is missing.
    func known(_ form: DerivedForm, of source: Digest, in name: RepositoryName) async throws -> ServedManifest? {
        guard let bytes = try await storage.readNote(OwnLayout.derived(form, of: source, in: name), limit: 256),
            // Not a digest: the record is damaged, treat it as missing.
            let digest = try? Digest(parsing: String(buffer: bytes)),
            let served = try await content(digest, in: name)
        else { return nil }
        let manifest = await served.parsed()
        for blob in manifest.requiredBlobs {
            if try await blobs.contains(blob, in: name) { continue }
            guard try await derivedBlobs.contains(blob, in: name) else { return nil }
        }
        for child in manifest.manifests {
            guard try await contains(child.descriptor.digest, in: name) else { return nil }
        }
        return served
    }

    /// The files that make a manifest, pushed or derived, belong to the repository.
    func files(of digest: Digest, in name: RepositoryName) async throws -> [ObjectKey] {
        guard try await !manifests.contains(digest, in: name), let source = try await source(of: digest, in: name)
        else { return [V2Layout.revisionLink(digest, in: name)] }
        return files(of: digest, from: source, in: name)
    }

    /// The files that make a derived manifest belong to the repository because of this source.
    func files(of digest: Digest, from source: DerivedSource, in name: RepositoryName) -> [ObjectKey] {
        let key = OwnLayout.derivedManifest(digest, in: name)
        return [key.appending("data"), DerivedSources.file(of: source, below: key)] + source.links(in: name)
    }

    /// Stores a derived manifest, in one commit.
    ///
    /// - Parameters:
    ///   - form: The form to record it as; nil if it may have to be converted again.
    ///   - parts: The changes that store the blobs it needs.
    func keep(
        _ bytes: [UInt8],
        as digest: Digest,
        from source: DerivedSource,
        form: DerivedForm?,
        in name: RepositoryName,
        with parts: WriteBatch
    ) async throws {
        var batch = parts
        let key = OwnLayout.derivedManifest(digest, in: name)
        batch.put(ByteBuffer(bytes: bytes), at: key.appending("data"))
        try await sources.add(source, to: key, in: name, &batch)
        if let form {
            batch.put(
                ByteBuffer(string: digest.description),
                at: OwnLayout.derived(form, of: source.manifest, in: name)
            )
        }
        try await storage.commit(batch)
    }

    /// Records that a derived manifest was requested through this source too.
    func follow(_ source: DerivedSource, with digest: Digest, in name: RepositoryName) async throws {
        var batch = WriteBatch()
        try await sources.add(source, to: OwnLayout.derivedManifest(digest, in: name), in: name, &batch)
        if !batch.changes.isEmpty { try await storage.commit(batch) }
    }

    /// Whether a manifest is in the repository, pushed or derived.
    private func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        if try await manifests.contains(digest, in: name) { return true }
        return try await source(of: digest, in: name) != nil
    }

    private func source(of digest: Digest, in name: RepositoryName) async throws -> DerivedSource? {
        try await sources.living(of: OwnLayout.derivedManifest(digest, in: name), in: name, limit: 1).first
    }

    private func content(_ digest: Digest, in name: RepositoryName) async throws -> ServedManifest? {
        let key = OwnLayout.derivedManifest(digest, in: name).appending("data")
        return try await DocumentScope.reading {
            guard let bytes = try await storage.readDocument(key, limit: Manifests.signedByteLimit) else { return nil }
            let manifest = await HeavyWork.parsing(bytes.readableBytes) { Manifest(stored: Array(buffer: bytes)) }
            // Emptied by a power loss: treat it as missing, so that it is converted again.
            guard manifest.fault == nil else { return nil }
            return ServedManifest(manifest, digest: digest, in: name)
        }
    }
}
