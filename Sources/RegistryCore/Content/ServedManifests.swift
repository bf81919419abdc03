import ImageModel
import NIOCore
import Storage

/// A cache of recently requested manifests: a lookup costs one check of the files a manifest was read from, or none
/// within the freshness window.
struct ServedManifests: Sendable {
    private struct Question: Hashable, Sendable {
        let reference: Reference
        let name: RepositoryName
    }

    private let manifests: Manifests
    private let recent: RecentStorage
    private let signatures: Schema1Signatures
    private let known: DerivedValues<Question, ServedManifest>

    init(_ recent: RecentStorage, manifests: Manifests, signatures: Schema1Signatures) {
        self.signatures = signatures
        self.recent = recent
        self.manifests = manifests
        self.known = DerivedValues(recent, costLimit: 16 << 20)
    }

    /// The cached manifest, if nothing has changed since.
    func manifest(_ reference: Reference, in name: RepositoryName) async throws -> ServedManifest? {
        try await known.value(for: Question(reference: reference, name: name))
    }

    /// Reads the manifest that `resolve` finds, and caches it; nil if it finds none.
    func manifest(
        _ reference: Reference,
        in name: RepositoryName,
        _ resolve: () async throws -> Digest?
    ) async throws -> ServedManifest? {
        var sources = try await recent.observe(files(of: reference, in: name))
        guard let digest = try await resolve() else { return nil }
        let files = [
            V2Layout.revisionLink(digest, in: name), V2Layout.blobData(digest),
            V2Layout.signedManifest(digest, in: name),
        ]
        sources.add(try await recent.observe(files))
        let manifest = try await DocumentScope.reading {
            try await served(try await manifests.read(digest, in: name), digest, in: name)
        }
        known.keep(
            manifest,
            for: Question(reference: reference, name: name),
            madeFrom: sources,
            cost: manifest.content.readableBytes + 2048
        )
        return manifest
    }

    /// The manifest as sent: schema1 with signatures, others as stored.
    private func served(_ manifest: Manifest, _ digest: Digest, in name: RepositoryName) async throws -> ServedManifest
    {
        guard manifest.mediaType == .schema1,
            let bytes = try await signatures.bytes(of: manifest.bytes, digest, in: name)
        else { return ServedManifest(manifest, digest: digest, in: name) }
        return ServedManifest(bytes, mediaType: .schema1Signed, digest: digest, in: name)
    }

    /// The files that determine which manifest a reference points to.
    private func files(of reference: Reference, in name: RepositoryName) -> [ObjectKey] {
        guard case .tag(let tag) = reference else { return [] }
        var files = [V2Layout.currentLink(tag, in: name), OwnLayout.tagRecord(tag, in: name)]
        if let v1Name = V1RepositoryName(name), let file = V1Layout.tag(tag.description, in: v1Name) {
            files.append(file)
        }
        return files
    }
}
