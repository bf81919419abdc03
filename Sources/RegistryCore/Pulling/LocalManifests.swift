import ImageModel
import Storage

/// A cache of recently pulled manifests whose files have not changed since.
struct RecentManifests: ManifestSource {
    let served: ServedManifests

    func find(_ pull: ManifestPull) async throws -> ManifestFinding {
        try await pull.finding { try await served.manifest(pull.reference, in: pull.name) }
    }
}

/// Manifests that were pushed to the repository, or converted from v1 earlier.
struct PushedManifests: ManifestSource {
    let served: ServedManifests
    let joiner: TagJoiner

    func find(_ pull: ManifestPull) async throws -> ManifestFinding {
        try await pull.finding {
            try await served.manifest(pull.reference, in: pull.name) {
                switch pull.reference {
                case .digest(let digest): return digest
                case .tag(let tag):
                    guard case .manifest(let digest) = try await joiner.join(tag, in: pull.name) else { return nil }
                    return digest
                }
            }
        }
    }
}

/// Converts a v1 tag to a manifest on its first v2 pull.
struct V1TagManifests: ManifestSource {
    let served: ServedManifests
    let joiner: TagJoiner
    let converter: Converter
    let storage: any ObjectStorage
    /// Whether the storage is read-only.
    let isReadOnly: Bool

    func find(_ pull: ManifestPull) async throws -> ManifestFinding {
        guard case .tag(let tag) = pull.reference, let v1Name = V1RepositoryName(pull.name),
            let file = V1Layout.tag(tag.description, in: v1Name), try await storage.exist([file]) == [true]
        else { return .absent(reason: nil) }
        return try await pull.finding {
            try await served.manifest(pull.reference, in: pull.name) {
                switch try await joiner.join(tag, in: pull.name) {
                case .absent: return nil
                // Another request converted it, or set the tag, in the meantime.
                case .manifest(let digest): return digest
                case .image(let image): return try await convert(image, tag: tag, in: pull.name)
                }
            }
        }
    }

    private func convert(_ image: V1ImageID, tag: Tag, in name: RepositoryName) async throws -> Digest {
        do { return try await converter.convert(image, tag: tag, in: name) } catch {
            throw FormFailure(error).refusal(of: .tag(tag), isReadOnly: isReadOnly)
        }
    }
}

extension DerivedManifests: ManifestSource {
    /// Finds a derived manifest by its digest, which clients know from an earlier pull.
    func find(_ pull: ManifestPull) async throws -> ManifestFinding {
        guard case .digest(let digest) = pull.reference else { return .absent(reason: nil) }
        return try await pull.finding { try await read(digest, in: pull.name) }
    }
}

/// Manifests under the other spelling of the repository's name, if the requested repository does not exist.
struct AliasedManifests: ManifestSource {
    let catalogue: Catalogue
    let sources: ManifestSources

    func find(_ pull: ManifestPull) async throws -> ManifestFinding {
        guard pull.followsAlias, let alias = try await catalogue.alias(of: pull.name) else {
            return .absent(reason: nil)
        }
        return try await sources.find(ManifestPull(reference: pull.reference, name: alias))
    }
}

extension ManifestSources {
    /// The sources of a local registry: the cheapest first, the other spelling of the name last.
    ///
    /// An upstream belongs between the repository's own sources and that.
    init(
        parts: RegistryParts,
        recent: RecentStorage,
        signatures: Schema1Signatures,
        converter: Converter,
        derived: DerivedManifests,
        catalogue: Catalogue,
        isReadOnly: Bool
    ) {
        let served = ServedManifests(recent, manifests: parts.manifests, signatures: signatures)
        let own = ManifestSources([
            RecentManifests(served: served),
            PushedManifests(served: served, joiner: parts.joiner),
            V1TagManifests(
                served: served,
                joiner: parts.joiner,
                converter: converter,
                storage: parts.storage,
                isReadOnly: isReadOnly
            ),
            derived,
        ])
        self.init([own, AliasedManifests(catalogue: catalogue, sources: own)])
    }
}
