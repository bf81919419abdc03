import ImageModel
import Storage

/// The blobs that derived manifests name and nobody pushed: a repository's for as long as what they were made from.
struct DerivedBlobs: Sendable {
    private let blobs: Blobs
    private let sources: DerivedSources

    init(blobs: Blobs, sources: DerivedSources) {
        self.blobs = blobs
        self.sources = sources
    }

    /// Adds to `batch` what makes a stored blob one of the repository's for as long as its source is there.
    ///
    /// - Parameters:
    ///   - manifest: The manifest that it was made for.
    ///   - layer: The layer that it is in another compression.
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

    /// Whether the blob is here, and the repository's.
    func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        guard try await source(of: digest, in: name) != nil else { return false }
        return try await blobs.contains(digest)
    }

    /// Opens the blob; nil when the repository has no such derived one.
    func open(_ digest: Digest, in name: RepositoryName) async throws -> (any ObjectReader)? {
        guard try await source(of: digest, in: name) != nil else { return nil }
        return try await blobs.open(digest)
    }

    /// Those of these blobs that are derived: a manifest that names them is pushed, which makes them the repository's
    /// for good.
    func adoptable(_ digests: [Digest], in name: RepositoryName) async throws -> [Digest] {
        let present = try await blobs.storage.attributes(of: digests.map { OwnLayout.derivedBlob($0, in: name) })
        var adoptable: [Digest] = []
        for (digest, directory) in zip(digests, present) where directory != nil {
            if try await contains(digest, in: name) { adoptable.append(digest) }
        }
        return adoptable
    }

    /// The files that decide whether a blob is the repository's, pushed or derived, as long as it is.
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
