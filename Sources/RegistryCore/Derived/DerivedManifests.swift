import ImageModel
import NIOCore
import Storage

/// The manifests that were derived from others: apart from those that were pushed, each under its own digest, and there
/// for as long as something that it was derived from.
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

    /// The derived manifest of a repository that has `digest`; nil if there is none, or all that it follows is gone.
    func read(_ digest: Digest, in name: RepositoryName) async throws -> ServedManifest? {
        guard try await source(of: digest, in: name) != nil else { return nil }
        return try await content(digest, in: name)
    }

    /// The manifests that tags name or named and that a derived one stands for, each once.
    func roots(of digest: Digest, in name: RepositoryName) async throws -> Set<Digest> {
        Set(try await sources.living(of: OwnLayout.derivedManifest(digest, in: name), in: name).map(\.root))
    }

    /// The manifest that was derived from another in this form before; nil if it, or what it names, is not here.
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

    /// The files that decide whether a manifest is in the repository, pushed or derived, as long as it is.
    func files(of digest: Digest, in name: RepositoryName) async throws -> [ObjectKey] {
        guard try await !manifests.contains(digest, in: name), let source = try await source(of: digest, in: name)
        else { return [V2Layout.revisionLink(digest, in: name)] }
        return files(of: digest, from: source, in: name)
    }

    /// The files that decide whether a derived manifest is in the repository for the sake of this source.
    func files(of digest: Digest, from source: DerivedSource, in name: RepositoryName) -> [ObjectKey] {
        let key = OwnLayout.derivedManifest(digest, in: name)
        return [key.appending("data"), DerivedSources.file(of: source, below: key)] + source.links(in: name)
    }

    /// Keeps a manifest that was derived, by one commit.
    ///
    /// - Parameters:
    ///   - form: The form in which it is another one for good; nil where it may have to be made again.
    ///   - parts: What stores the blobs that it needs.
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

    /// Notes that a derived manifest was asked for by way of this source too.
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
            // A record that a loss of power emptied is as good as none: it is made again.
            guard manifest.fault == nil else { return nil }
            return ServedManifest(manifest, digest: digest, in: name)
        }
    }
}
