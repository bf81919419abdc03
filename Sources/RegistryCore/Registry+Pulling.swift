import Conversion
package import ImageModel
package import Storage

/// Pulls.
extension Registry {
    /// The manifest with this tag or digest in a repository.
    ///
    /// A v1-only tag is converted first.
    /// - Parameter followsAlias: Whether a missing repository may be replaced by the other spelling of its name.
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

    /// The digest of the blob a client requests; engines before 1.10 may request it by tarsum.
    ///
    /// - Throws: ``RegistryError/malformedDigest(_:)`` if `text` is neither a digest nor a tarsum, and for an unknown
    ///   tarsum.
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
    ///   - isRead: Whether its bytes are needed. If not, the reader may only have its attributes.
    ///   - followsAlias: Whether a missing repository may be replaced by the other spelling of its name.
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

    /// A blob that was pushed to a repository of exactly this name, or derived for one of its manifests; nil if there
    /// is none.
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
