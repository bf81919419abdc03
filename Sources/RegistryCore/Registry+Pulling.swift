import Conversion
package import ImageModel
package import Storage

/// Pulls.
extension Registry {
    /// The manifest that a tag or a digest names in a repository.
    ///
    /// A tag that v1 alone knows is converted first.
    /// - Parameter followsAlias: Whether the repository may also be the one that answers for it where it does not exist.
    package func manifest(
        _ reference: Reference,
        in name: RepositoryName,
        followsAlias: Bool = true
    ) async throws(RegistryError) -> ServedManifest {
        try await RegistryError.translating {
            try await manifestSources.manifest(
                ManifestPull(reference: reference, name: name, followsAlias: followsAlias)
            )
        }
    }

    /// The digest of the blob that a client asks for, which may name it by a tarsum as engines before 1.10 do.
    ///
    /// - Throws: ``RegistryError/malformedDigest(_:)`` for what is neither; and for a tarsum that names nothing here.
    package func digest(ofBlob text: String, in name: RepositoryName, followsAlias: Bool = true)
        async throws(RegistryError) -> Digest
    {
        try await RegistryError.translating {
            if let digest = try? Digest(parsing: text) { return digest }
            guard let tarsum = try? Tarsum(parsing: text) else { throw RegistryError.malformedDigest(text) }
            if let digest = try await blobs.digest(of: tarsum, in: name) { return digest }
            guard followsAlias, let alias = try await catalogue.alias(of: name),
                let digest = try await blobs.digest(of: tarsum, in: alias)
            else { throw RegistryError.malformedDigest(text) }
            return digest
        }
    }

    /// Opens a blob of a repository.
    ///
    /// - Parameters:
    ///   - isRead: Whether its bytes are asked for. If not, the reader may know no more than its attributes.
    ///   - followsAlias: Whether the repository may also be the one that answers for it where it does not exist.
    package func blob(_ digest: Digest, in name: RepositoryName, isRead: Bool = true, followsAlias: Bool = true)
        async throws(RegistryError) -> any ObjectReader
    {
        try await RegistryError.translating {
            if let reader = try await storedBlob(digest, in: name, isRead: isRead) { return reader }
            if followsAlias, let alias = try await catalogue.alias(of: name),
                let reader = try await storedBlob(digest, in: alias, isRead: isRead)
            {
                return reader
            }
            guard digest == EmptyLayer.digest, try await catalogue.contains(name) else {
                throw RegistryError.blobUnknown(digest)
            }
            return EmptyLayerReader()
        }
    }

    /// A blob that was pushed to a repository of exactly this name, or made for one of its manifests; nil when it has none.
    private func storedBlob(
        _ digest: Digest,
        in name: RepositoryName,
        isRead: Bool
    ) async throws -> (any ObjectReader)? {
        do { return try await servedBlobs.open(digest, in: name, isRead: isRead) } catch RegistryError.blobUnknown {
            return try await derivedBlobs.open(digest, in: name)
        }
    }
}
