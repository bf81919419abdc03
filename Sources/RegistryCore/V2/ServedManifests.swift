import ImageModel
import NIOCore
import Storage

/// The manifests that were asked for lately: each is answered after one look at the files that it was read from.
struct ServedManifests: Sendable {
    private struct Question: Hashable, Sendable {
        let reference: Reference
        let name: RepositoryName
    }

    private let manifests: Manifests
    private let storage: any ObjectStorage
    private let known: DerivedValues<Question, ServedManifest>

    init(storage: any ObjectStorage, manifests: Manifests) {
        self.storage = storage
        self.manifests = manifests
        self.known = DerivedValues(storage: storage, costLimit: 16 << 20)
    }

    /// The manifest, if it was asked for before and nothing has changed since.
    func manifest(_ reference: Reference, in name: RepositoryName) async throws -> ServedManifest? {
        try await known.value(for: Question(reference: reference, name: name))
    }

    /// Reads the manifest that `resolve` finds.
    func manifest(
        _ reference: Reference,
        in name: RepositoryName,
        _ resolve: () async throws -> Digest
    ) async throws -> ServedManifest {
        var sources = try await Sources(files(of: reference, in: name), in: storage)
        let digest = try await resolve()
        let files = [V2Layout.revisionLink(digest, in: name), V2Layout.blobData(digest)]
        sources.add(try await Sources(files, in: storage))
        let manifest = ServedManifest(try await manifests.read(digest, in: name), digest: digest)
        known.keep(
            manifest,
            for: Question(reference: reference, name: name),
            madeFrom: sources,
            cost: manifest.content.readableBytes + 2048
        )
        return manifest
    }

    /// What decides which manifest a reference names.
    private func files(of reference: Reference, in name: RepositoryName) -> [ObjectKey] {
        guard case .tag(let tag) = reference else { return [] }
        var files = [V2Layout.currentLink(tag, in: name), OwnLayout.tagRecord(tag, in: name)]
        if let legacyName = V1RepositoryName(name), let file = V1Layout.tag(tag.description, in: legacyName) {
            files.append(file)
        }
        return files
    }
}
