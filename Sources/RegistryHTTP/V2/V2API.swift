import HTTPTypes
import ImageModel
import RegistryCore

/// Answers the v2 protocol: which handler a path belongs to, and what its names mean.
struct V2Handler: Sendable {
    let registry: Registry
    let settings: ServiceSettings
    /// What whoever sent the request may do; that they may ask for it is known.
    let permissions: Permissions

    /// The answer to a request whose path is v2's, or a refusal to be put into v2's words.
    func answer(_ request: RegistryRequest, route: V2Route?) async throws -> HTTPAnswer {
        // Whether there are tokens is known already.
        if let route, route != .token { try allow(route.methods, request) }
        switch route {
        case .base?:
            return HTTPAnswer(v2Status: 200, json: .object([]))
        case .catalog?:
            return try await ListHandler(registry: registry, settings: settings)
                .repositories(request, shownTo: permissions)
        case .tags(let repository)?:
            return try await ListHandler(registry: registry, settings: settings).tags(request, in: name(repository))
        case .manifest(let repository, let reference)?:
            return try await ManifestHandler(registry: registry, settings: settings, permissions: permissions)
                .answer(request, self.reference(reference, for: request), in: name(repository))
        case .blob(let repository, let digest)?:
            return try await BlobHandler(registry: registry, settings: settings, permissions: permissions).answer(
                request,
                try await registry.digest(
                    ofBlob: digest,
                    in: name(repository),
                    followsAlias: permissions.allowsBothSpellings(.pull, repository)
                ),
                in: name(repository)
            )
        case .uploads(let repository)?:
            return try await UploadHandler(registry: registry, settings: settings)
                .begin(request, in: name(repository), by: permissions)
        case .upload(let repository, let id)?:
            guard let parsed = UploadID(parsing: id) else { throw RegistryError.uploadUnknown(id) }
            return try await UploadHandler(registry: registry, settings: settings).answer(
                request,
                parsed,
                in: name(repository)
            )
        case .referrers(let repository, let digest)?:
            return try await ReferrerHandler(registry: registry, settings: settings)
                .answer(request, parse(digest), in: name(repository))
        case .token?, nil:
            throw RegistryError.repositoryUnknown(request.path)
        }
    }

    /// What a manifest is asked for by. What cannot be a name is the name of nothing, and is refused to those who push.
    private func reference(_ text: String, for request: RegistryRequest) throws(RegistryError) -> Reference {
        guard request.method == .get || request.method == .head else { return try Reference(parsing: text) }
        do { return try Reference(parsing: text) } catch {
            throw .manifestUnknown(reference: text, reason: "it is neither a tag nor a digest")
        }
    }

    private func name(_ text: String) throws(RegistryError) -> RepositoryName {
        do { return try RepositoryName(parsing: text) } catch { throw .malformedName(text) }
    }
}

/// Parses a digest that a client sent.
func parse(_ digest: String) throws(RegistryError) -> Digest {
    do { return try Digest(parsing: digest) } catch { throw .malformedDigest(digest) }
}
