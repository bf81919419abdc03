import ImageModel
import Storage

/// Blobs that derived manifests reference and nobody pushed. Each belongs to a repository as long as one of its sources
/// does.
struct DerivedBlobs: Sendable {
    private let blobs: Blobs
    private let sources: DerivedSources

    init(blobs: Blobs, sources: DerivedSources) {
        self.blobs = blobs
        self.sources = sources
    }

    /// Adds to `batch` the record that makes a stored blob belong to the repository as long as its source does.
    ///
    /// - Parameters:
    ///   - manifest: The manifest it was made for.
    ///   - layer: The layer it was recompressed from; nil if it is not a layer.
    func add(
        _ digest: Digest,
        for manifest: Digest,
        of layer: Digest? = nil,
        in name: RepositoryName,
        _ batch: inout WriteBatch
    ) async throws {
        let source = DerivedSource(manifest: manifest, root: manifest, layer: layer)
        try await sources.add(source, to: OwnLayout.derivedBlob(digest, in: name), in: name, &batch)
    }

    /// Whether the blob is stored and belongs to the repository.
    func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        guard try await source(of: digest, in: name) != nil else { return false }
        return try await blobs.contains(digest)
    }

    /// Opens the blob; returns nil if the repository has no such derived blob.
    func open(_ digest: Digest, in name: RepositoryName) async throws -> (any ObjectReader)? {
        guard try await source(of: digest, in: name) != nil else { return nil }
        return try await blobs.open(digest)
    }

    /// The derived blobs among these. Pushing a manifest that references them makes them permanent.
    func adoptable(_ digests: [Digest], in name: RepositoryName) async throws -> [Digest] {
        let present = try await blobs.storage.attributes(of: digests.map { OwnLayout.derivedBlob($0, in: name) })
        var adoptable: [Digest] = []
        for (digest, directory) in zip(digests, present) where directory != nil {
            if try await contains(digest, in: name) { adoptable.append(digest) }
        }
        return adoptable
    }

    /// The files that make a blob, pushed or derived, belong to the repository.
    func files(of digest: Digest, in name: RepositoryName) async throws -> [ObjectKey] {
        let key = OwnLayout.derivedBlob(digest, in: name)
        guard try await !blobs.contains(digest, in: name), let source = try await source(of: digest, in: name) else {
            return [V2Layout.blobData(digest), V2Layout.layerLink(digest, in: name)]
        }
        return [V2Layout.blobData(digest), DerivedSources.file(of: source, below: key)] + source.links(in: name)
    }

    private func source(of digest: Digest, in name: RepositoryName) async throws -> DerivedSource? {
        try await sources.living(of: OwnLayout.derivedBlob(digest, in: name), in: name, limit: 1).first
    }
}
