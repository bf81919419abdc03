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
    ) async throws -> ServedManifest {
        if let manifest = try await served.manifest(reference, in: name) { return manifest }
        return try await orInAlias(name, if: followsAlias) { name in
            switch reference {
            case .tag(let tag):
                return try await served.manifest(reference, in: name) { try await resolve(tag, in: name) }
            case .digest(let digest):
                do {
                    return try await served.manifest(reference, in: name) { digest }
                } catch RegistryError.manifestUnknown(let reference, let reason) {
                    if let manifest = try await derived.read(digest, in: name) { return manifest }
                    throw RegistryError.manifestUnknown(reference: reference, reason: reason)
                }
            }
        }
    }

    /// The digest of the blob that a client asks for, which may name it by a tarsum as engines before 1.10 do.
    ///
    /// - Throws: ``RegistryError/malformedDigest(_:)`` for what is neither; and for a tarsum that names nothing here.
    package func digest(ofBlob text: String, in name: RepositoryName, followsAlias: Bool = true) async throws -> Digest
    {
        if let digest = try? Digest(parsing: text) { return digest }
        guard let tarsum = try? Tarsum(parsing: text) else { throw RegistryError.malformedDigest(text) }
        if let digest = try await blobs.digest(of: tarsum, in: name) { return digest }
        guard followsAlias, let digest = try await blobs.digest(of: tarsum, in: nameForPull(name)) else {
            throw RegistryError.malformedDigest(text)
        }
        return digest
    }

    /// Opens a blob of a repository.
    ///
    /// - Parameters:
    ///   - isRead: Whether its bytes are asked for. If not, the reader may know no more than its attributes.
    ///   - followsAlias: Whether the repository may also be the one that answers for it where it does not exist.
    package func blob(_ digest: Digest, in name: RepositoryName, isRead: Bool = true, followsAlias: Bool = true)
        async throws -> any ObjectReader
    {
        do {
            return try await orInAlias(name, if: followsAlias) { name in
                do { return try await servedBlobs.open(digest, in: name, isRead: isRead) } catch {
                    guard case RegistryError.blobUnknown = error,
                        let derived = try await derivedBlobs.open(digest, in: name)
                    else { throw error }
                    return derived
                }
            }
        } catch RegistryError.blobUnknown(EmptyLayer.digest) {
            guard try await catalogue.contains(name) else { throw RegistryError.blobUnknown(digest) }
            return EmptyLayerReader()
        }
    }

    /// Does `pull` with the name, and once more with the name's alias when nothing was found under the first.
    private func orInAlias<Value: Sendable>(
        _ name: RepositoryName,
        if followsAlias: Bool,
        _ pull: (RepositoryName) async throws -> Value
    ) async throws -> Value {
        do {
            return try await pull(name)
        } catch let refusal as RegistryError {
            switch refusal {
            case .blobUnknown, .manifestUnknown: break
            default: throw refusal
            }
            guard followsAlias else { throw refusal }
            let alias = try await nameForPull(name)
            guard alias != name else { throw refusal }
            return try await pull(alias)
        }
    }

    /// The name under which a repository is to be looked for.
    ///
    /// A pull of `library/X` where that does not exist is served from `X`, and the other way round.
    private func nameForPull(_ name: RepositoryName) async throws -> RepositoryName {
        guard let alias = name.otherSpelling, try await !catalogue.contains(name), try await catalogue.contains(alias)
        else { return name }
        return alias
    }

    /// The manifest that a tag names in a repository of exactly this name; one that v1 alone knows is converted first.
    private func resolve(_ tag: Tag, in name: RepositoryName) async throws -> Digest {
        switch try await joiner.join(tag, in: name) {
        case .manifest(let digest): return digest
        case .absent: throw RegistryError.manifestUnknown(reference: tag.description, reason: nil)
        case .image(let image):
            do {
                return try await converter.convert(image, tag: tag, in: name)
            } catch StorageError.readOnly {
                throw RegistryError.manifestUnknown(reference: tag.description, reason: RegistryError.readOnlyReason)
            } catch StorageError.full where isReadOnly {
                throw RegistryError.unavailable(reason: RegistryError.memoryReason)
            }
        }
    }
}
