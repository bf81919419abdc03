import ImageModel
import NIOCore
import Storage

/// The manifests that were derived from others: apart from those that were pushed, each under its own digest, and there
/// for as long as what it was derived from.
struct DerivedManifests: Sendable {
    private let storage: any ObjectStorage
    private let manifests: Manifests
    private let blobs: Blobs
    private let records: JSONFile

    init(storage: any ObjectStorage, manifests: Manifests, blobs: Blobs) {
        self.storage = storage
        self.manifests = manifests
        self.blobs = blobs
        self.records = JSONFile(storage: storage)
    }

    /// The derived manifest of a repository that has `digest`; nil if there is none, or what it follows is gone.
    func read(_ digest: Digest, in name: RepositoryName) async throws -> ServedManifest? {
        guard try await source(of: digest, in: name) != nil else { return nil }
        return try await content(digest, in: name)
    }

    /// The manifest that a tag names or named and that a derived one stands for; nil if there is none.
    func root(of digest: Digest, in name: RepositoryName) async throws -> Digest? {
        try await source(of: digest, in: name)?.root
    }

    /// The manifest that was derived from another in this form before; nil if it, or what it names, is not here.
    func known(_ form: DerivedForm, of source: Digest, in name: RepositoryName) async throws -> ServedManifest? {
        guard let bytes = try await storage.read(OwnLayout.derived(form, of: source, in: name), limit: 256),
            // What is no digest was tampered with, and is as good as nothing.
            let digest = try? Digest(parsing: String(buffer: bytes)),
            let served = try await read(digest, in: name)
        else { return nil }
        let manifest = try Manifest(parsing: Array(buffer: served.content), contentType: served.mediaType)
        for blob in manifest.requiredBlobs where try await !blobs.contains(blob, in: name) { return nil }
        for child in manifest.manifests {
            guard try await contains(child.descriptor.digest, in: name) else { return nil }
        }
        return served
    }

    /// The files that decide whether a manifest is in the repository, pushed or derived, as long as it is.
    func files(of digest: Digest, in name: RepositoryName) async throws -> [ObjectKey] {
        guard try await !manifests.contains(digest, in: name), let followed = try await source(of: digest, in: name)
        else { return [V2Layout.revisionLink(digest, in: name)] }
        let revision = OwnLayout.derivedRevision(digest, in: name)
        let sources = [followed.source, followed.root].map { V2Layout.revisionLink($0, in: name) }
        return [revision.appending("data"), revision.appending("source")] + sources
    }

    /// Keeps a manifest that was derived in this form.
    func keep(
        _ bytes: [UInt8],
        as digest: Digest,
        _ form: DerivedForm,
        from revision: DerivedRevision,
        in name: RepositoryName
    ) async throws {
        let revisionKey = OwnLayout.derivedRevision(digest, in: name)
        try await storage.write(ByteBuffer(bytes: bytes), to: revisionKey.appending("data"))
        try await records.write(revision, to: revisionKey.appending("source"))
        guard let source = revision.manifests?.source else { return }
        let link = ByteBuffer(string: digest.description)
        try await storage.write(link, to: OwnLayout.derived(form, of: source, in: name))
    }

    /// Whether a manifest is in the repository, pushed or derived.
    private func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        if try await manifests.contains(digest, in: name) { return true }
        return try await source(of: digest, in: name) != nil
    }

    private func source(of digest: Digest, in name: RepositoryName) async throws -> (source: Digest, root: Digest)? {
        let key = OwnLayout.derivedRevision(digest, in: name).appending("source")
        guard let followed = try await records.read(DerivedRevision.self, from: key)?.manifests,
            try await manifests.contains(followed.source, in: name),
            try await manifests.contains(followed.root, in: name)
        else { return nil }
        return followed
    }

    private func content(_ digest: Digest, in name: RepositoryName) async throws -> ServedManifest? {
        let key = OwnLayout.derivedRevision(digest, in: name).appending("data")
        guard let bytes = try await storage.read(key, limit: Manifests.signedByteLimit) else { return nil }
        do {
            return ServedManifest(
                try Manifest(parsing: Array(buffer: bytes), contentType: nil),
                digest: digest,
                in: name
            )
        } catch {
            throw StorageError.unreadable(key, reason: error.description)
        }
    }
}
