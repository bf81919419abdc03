import ImageModel

/// A source of manifests, one of the chain in ``ManifestSources``.
///
/// A source throws if its storage or its upstream fails. Later sources are not tried then, because they might return a
/// different manifest.
protocol ManifestSource: Sendable {
    /// Looks up the requested manifest.
    func find(_ pull: ManifestPull) async throws -> ManifestFinding
}

/// A request for a manifest.
struct ManifestPull: Sendable {
    /// The tag or digest.
    let reference: Reference
    /// The exact name of the repository.
    let name: RepositoryName
    /// Whether a missing repository may be replaced by the other spelling of its name.
    var followsAlias = false
}

/// The result of a lookup in one source.
enum ManifestFinding: Sendable {
    case found(ServedManifest)
    /// The source does not have it. The client gets the reason if no other source has it either.
    case absent(reason: String?)
}

extension ManifestPull {
    /// The result of `read`; nil and ``RegistryError/manifestUnknown(reference:reason:)`` mean that it is absent.
    func finding(_ read: () async throws -> ServedManifest?) async throws -> ManifestFinding {
        do {
            return try await read().map { .found($0) } ?? .absent(reason: nil)
        } catch RegistryError.manifestUnknown(let other, let reason) {
            let isOther = other != reference.description
            return .absent(reason: reason ?? (isOther ? "it points to \(other), which is not in this repository" : nil))
        }
    }
}

/// A chain of sources: the first one that has the manifest wins.
struct ManifestSources: ManifestSource {
    private let sources: [any ManifestSource]

    init(_ sources: [any ManifestSource]) { self.sources = sources }

    func find(_ pull: ManifestPull) async throws -> ManifestFinding {
        var reason: String?
        for source in sources {
            switch try await source.find(pull) {
            case .found(let manifest): return .found(manifest)
            case .absent(let why): reason = why ?? reason
            }
        }
        return .absent(reason: reason)
    }

    /// The requested manifest.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` if no source has it.
    func manifest(_ pull: ManifestPull) async throws -> ServedManifest {
        switch try await find(pull) {
        case .found(let manifest): return manifest
        case .absent(let reason):
            throw RegistryError.manifestUnknown(reference: pull.reference.description, reason: reason)
        }
    }
}
