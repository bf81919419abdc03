import ImageModel
import Storage

extension Registry {
    /// How deeply lists that are taken over may name lists.
    private static let listDepthLimit = 4

    /// Makes what a pushed manifest names, and `alias` alone has, the repository's too.
    ///
    /// A pull, by HEAD too, is served from the alias: a client that pushes has seen that it is here, and does not send it.
    func takeOver(
        namedBy manifest: Manifest,
        from alias: RepositoryName,
        into name: RepositoryName,
        depth: Int = 0
    ) async throws {
        for digest in manifest.requiredBlobs where try await !blobs.contains(digest, in: name) {
            if try await derivedBlobs.contains(digest, in: alias) {
                try await blobs.link(digest, into: name)
            } else {
                guard try await blobs.mount(digest, from: alias, into: name) else { continue }
            }
            events.publish(.blobMounted(digest, from: alias), in: name)
        }
        guard depth < Self.listDepthLimit else { return }
        for digest in Set(manifest.manifests.map(\.descriptor.digest)).sorted()
        where try await !manifests.contains(digest, in: name) {
            guard let child = try await takeableManifest(digest, in: alias) else { continue }
            try await takeOver(namedBy: child, from: alias, into: name, depth: depth + 1)
            try await revisionLocks.withLock(digest, in: name) {
                do {
                    let batch = try await manifests.batch(storing: child, as: digest, in: name)
                    try await manifests.commit(batch, storing: child, in: name)
                    events.publish(.manifestPushed(ManifestSummary(child, digest: digest), tags: []), in: name)
                } catch RegistryError.manifestBlobsUnknown {
                    // It counts as absent, and the push is refused for it.
                }
            }
        }
    }

    /// A manifest of the alias; nil when it has none, or none that can be read.
    private func takeableManifest(_ digest: Digest, in alias: RepositoryName) async throws -> Manifest? {
        do {
            let manifest = try await manifests.read(digest, in: alias)
            // What is kept of it is without its signatures, and lists of such are made by nobody.
            return manifest.kind == .schema1 ? nil : manifest
        } catch RegistryError.manifestUnknown, StorageError.unreadable {
            return nil
        }
    }
}
