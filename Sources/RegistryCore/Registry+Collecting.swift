package import ImageModel

/// Garbage collection.
extension Registry {
    /// Whether uses of blobs are recorded, because a collection is expected.
    package var recordsUses: Bool { guarded.uses.isKept }

    /// Records that a client was told it need not push a blob: the blob is kept for as long as a push may take.
    package func noteUse(of blob: Digest, in name: RepositoryName) async throws(RegistryError) {
        guarded.uses.note([blob])
        try await RegistryError.translating {
            // The link may contain another digest of the same bytes.
            let link = V2Layout.layerLink(blob, in: name)
            guard let linked = try await blobs.linked(by: link) else { return }
            try await guarded.renew(link, to: linked)
        }
    }
}
