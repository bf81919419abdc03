import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Verifies the links, manifests and tags of v2 repositories.
struct RepositoryVerification: Sendable {
    let context: VerificationContext
    let known: KnownContent
    /// The references of the manifests, by which damage is named.
    var edges = ManifestEdges()
    private(set) var manifestCount = 0
    private(set) var tagCount = 0

    private var storage: any ObjectStorage { context.storage }

    init(_ context: VerificationContext, known: KnownContent) {
        self.context = context
        self.known = known
    }

    /// Verifies all repositories.
    mutating func run() async throws {
        let repositories = try await context.walk.repositories()
        let context = context
        for (index, repository) in repositories.enumerated() {
            var (manifests, tags) = (0, 0)
            try await context.confirm {
                (manifests, tags) = (0, 0)
                return try await self.check(repository, &manifests, &tags)
            }
            manifestCount += manifests
            tagCount += tags
            context.progress.reach(index + 1, of: repositories.count)
        }
    }

    private mutating func check(
        _ repository: RepositoryDirectory,
        _ manifestCount: inout Int,
        _ tagCount: inout Int
    ) async throws -> [DamageFinding] {
        let links = LinkVerification(context: context)
        let layers = try await links.layers(of: repository)
        let revisions = try await links.revisions(of: repository)
        var found = layers.found + revisions.found
        let parts = ManifestParts(repository: repository, layers: layers.targets, revisions: revisions.targets)
        manifestCount = revisions.targets.count
        try await context.walk.inSteps(revisions.targets.sorted { $0.key < $1.key }, of: ManifestReader.stepCount) {
            found += try await check(Array($0), parts)
        }
        let tags = try await links.tags(of: repository)
        tagCount = tags.count
        return found + tags.found
    }

    /// Verifies manifests of a repository: the digest of each link, and the digest in it.
    private mutating func check(
        _ revisions: [(key: Digest, value: Digest)],
        _ parts: ManifestParts
    ) async throws -> [DamageFinding] {
        var found: [DamageFinding] = []
        var manifests: [(Digest, Manifest)] = []
        let keys = revisions.map { ($0.key, V2Layout.blobData($0.value)) }
        try await context.documents(keys, limit: Manifests.signedByteLimit) { digest, result in
            guard case .success(let bytes?) = result else {
                if case .success = result {
                    let detail = "the manifest \(digest) is not stored"
                    found.append(DamageFinding(.danglingLink, parts.repository.revisionLink(digest), detail))
                }
                // A manifest that cannot be read is known as a blob.
                return
            }
            // Damage to its bytes is known too, and what it names is not.
            guard Digest(digest.algorithm, of: bytes.readableBytesView) == digest else { return }
            edges.add(ManifestReferences(of: bytes), of: edges.table.number(of: digest))
            manifests.append(
                (digest, await HeavyWork.parsing(bytes.readableBytes) { Manifest(stored: Array(buffer: bytes)) })
            )
        }
        for (digest, manifest) in manifests {
            found += try await references(of: manifest, digest, parts)
            if manifest.kind == .schema1, let finding = try await signature(of: manifest, digest, parts) {
                found.append(finding)
            }
        }
        return found
    }

    /// Verifies that a repository has what a manifest names.
    private func references(
        of manifest: Manifest,
        _ digest: Digest,
        _ parts: ManifestParts
    ) async throws -> [DamageFinding] {
        var found: [DamageFinding] = []
        let repository = parts.repository
        let blobs = manifest.requiredBlobs.filter { !known.isDamaged(parts.layers[$0] ?? $0) }
        let targets = blobs.map { parts.layers[$0] ?? $0 }
        let files = try await storage.exist(targets.map { V2Layout.blobData($0) })
        for ((blob, target), isThere) in zip(zip(blobs, targets), files) {
            if !isThere {
                found.append(DamageFinding(.missingBlob, V2Layout.blobData(target), "the manifest \(digest) names it"))
            } else if parts.layers[blob] == nil {
                let detail = "the manifest \(digest) names this blob, which the repository does not link"
                found.append(DamageFinding(.missingLink, repository.layerLink(blob), detail))
            }
        }
        for child in context.indexes.requiredChildren(of: manifest)
        // BuildKit's caches are indexes of blobs.
        where parts.revisions[child] == nil && parts.layers[child] == nil {
            let detail = "the index \(digest) names it"
            found.append(DamageFinding(.missingManifest, repository.revisionLink(child), detail))
        }
        for tarsum in manifest.tarsums {
            guard let key = repository.link(tarsum) else { continue }
            if try await storage.attributes(of: key) == nil {
                found.append(DamageFinding(.missingLink, key, "the manifest \(digest) names this layer"))
            }
        }
        return found
    }

    /// The damage of a manifest's signed form, if it has one.
    private func signature(
        of manifest: Manifest,
        _ digest: Digest,
        _ parts: ManifestParts
    ) async throws -> DamageFinding? {
        let key = parts.repository.revisionLink(digest).parent.appending("signed")
        let result = try await storage.results(of: [key], limit: Manifests.signedByteLimit)[0]
        switch result {
        case .success(nil): return nil
        case .failure(let error): return context.unreadable(key, error, as: .damagedSignature)
        case .success(let bytes?):
            let signed = try? SignedSchema1(verifying: Array(buffer: bytes))
            if let signed, signed.payload == manifest.bytes { return nil }
            return DamageFinding(.damagedSignature, key, "it is not the manifest with signatures")
        }
    }
}

/// What a repository links: the names of blobs and manifests, and the digests in their links.
private struct ManifestParts: Sendable {
    let repository: RepositoryDirectory
    let layers: [Digest: Digest]
    let revisions: [Digest: Digest]
}

extension RepositoryDirectory {
    /// The key of a link by tarsum; nil if the tarsum cannot be part of a key.
    func link(_ tarsum: Tarsum) -> ObjectKey? {
        layers.appending(untrusted: "tarsum")?.appending(untrusted: tarsum.version)?
            .appending(untrusted: tarsum.algorithm)?.appending(untrusted: tarsum.hex)?.appending(untrusted: "link")
    }
}
