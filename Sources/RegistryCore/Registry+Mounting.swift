package import ImageModel
import Storage

/// Mounts.
extension Registry {
    /// Mounts a blob in a repository, and returns whether there was such a blob.
    ///
    /// - Parameter source: The repository that has it; nil for a blob available to all.
    package func mount(_ digest: Digest, from source: RepositoryName?, into name: RepositoryName)
        async throws(RegistryError) -> Bool
    {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            return try await repositoryLocks.withSharedLock(of: name) {
                if try await requireMounted(digest, from: source, in: name) { return true }
                return try await mount(digest, from: source, into: name, as: source)
            }
        }
    }

    /// Mounts a blob that the repository already has, and returns whether it does.
    private func requireMounted(
        _ digest: Digest,
        from source: RepositoryName?,
        in name: RepositoryName
    ) async throws -> Bool {
        let link = V2Layout.layerLink(digest, in: name)
        var batch = WriteBatch()
        guard try await blobs.require([digest], sized: [:], in: name, &batch).isEmpty,
            let linked = try await blobs.linked(by: link)
        else { return false }
        let byteCounts = batch.changes.lazy.compactMap { change -> Int64? in
            if case .require(_, let byteCount) = change { byteCount } else { nil }
        }
        let change = RegistryEvent.Change.blobMounted(digest, byteCount: byteCounts.first ?? 0, from: source)
        batch.renewLink(linked, at: link)
        let recorded = events.record([change], in: name, &batch)
        try await blobs.storage.commit(batch)
        events.publish(change, in: name)
        recorded.wereCommitted()
        return true
    }

    /// Mounts a blob that the repository does not have, and returns whether there is such a blob.
    ///
    /// - Parameter origin: The repository to name as its source.
    private func mount(
        _ digest: Digest,
        from source: RepositoryName?,
        into name: RepositoryName,
        as origin: RepositoryName?
    ) async throws -> Bool {
        guard var mount = try await blobs.mount(of: digest, from: source, into: name) else { return false }
        let change = RegistryEvent.Change.blobMounted(digest, byteCount: mount.byteCount, from: origin)
        let recorded = events.record([change], in: name, &mount.batch)
        do { try await blobs.storage.commit(mount.batch) } catch StorageError.absent { return false }
        events.publish(change, in: name)
        recorded.wereCommitted()
        return true
    }
}

/// Content that a push takes over from the other spelling of the name.
extension Registry {
    /// The maximum nesting of indexes taken over.
    private static let listDepthLimit = 4

    /// Adds content that a pushed manifest references, and that only `alias` has, to the repository.
    ///
    /// GET and HEAD are served from the alias, so a client that pushes finds the content there and does not send it.
    func takeOver(
        namedBy manifest: Manifest,
        from alias: RepositoryName,
        into name: RepositoryName,
        depth: Int = 0
    ) async throws {
        for digest in manifest.requiredBlobs where try await !blobs.contains(digest, in: name) {
            // A blob derived for the alias is not linked there.
            let source = try await derivedBlobs.contains(digest, in: alias) ? nil : alias
            _ = try await mount(digest, from: source, into: name, as: alias)
        }
        guard depth < Self.listDepthLimit else { return }
        for digest in Set(manifest.manifests.map(\.descriptor.digest)).sorted()
        where try await !manifests.contains(digest, in: name) {
            guard let child = try await takeableManifest(digest, in: alias) else { continue }
            try await takeOver(namedBy: child, from: alias, into: name, depth: depth + 1)
            try await revisionLocks.withLock(digest, in: name) {
                do {
                    let batch = try await manifests.batch(storing: child, as: digest, in: name)
                    let push = ManifestPush(manifest: child, signed: nil, digest: digest, name: name)
                    try await commit(batch, setting: WriteBatch(), of: push, tags: [])
                } catch RegistryError.manifestBlobsUnknown {
                    // It counts as missing, which makes the push fail.
                }
            }
        }
    }

    /// A manifest of the alias; nil if it is missing or unreadable.
    private func takeableManifest(_ digest: Digest, in alias: RepositoryName) async throws -> Manifest? {
        do {
            let manifest = try await manifests.read(digest, in: alias)
            // Schema1 manifests are stored without their signatures, and indexes do not list them.
            return manifest.kind == .schema1 ? nil : manifest
        } catch RegistryError.manifestUnknown, StorageError.unreadable {
            return nil
        }
    }
}
