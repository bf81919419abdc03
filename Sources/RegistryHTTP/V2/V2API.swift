import HTTPTypes
import ImageModel
import RegistryCore

/// The API of Docker Registry v2 and OCI: `/v2` and everything below.
struct V2API: RegistryAPI {
    let registry: Registry
    let settings: ServiceSettings
    let access: AccessControl

    func call(for request: RegistryRequest, at path: String) -> (any APICall)? {
        guard path == "/v2" || path.hasPrefix("/v2/"),
            !registry.v1.hidesV2(from: ClientAgent(request.headers[.userAgent]))
        else { return nil }
        return V2Call(api: self, request: request, route: V2Route(path: path))
    }
}

/// A v2 request with its route.
struct V2Call: APICall {
    let api: V2API
    let request: RegistryRequest
    /// Nil for a v2 path without a route.
    let route: V2Route?

    private var registry: Registry { api.registry }
    private var settings: ServiceSettings { api.settings }

    var requirement: AccessRequirement { route?.requirement(of: request.method) ?? .nothing }

    var login: LoginProtocol { .v2 }

    var handler: String {
        switch route {
        case .base, nil: "base"
        case .catalog: "catalog"
        case .tags: "tags"
        case .manifest: "manifest"
        case .blob: "blob"
        // The names of registry:2.
        case .uploads: "blob_upload"
        case .upload: "blob_upload_chunk"
        case .referrers: "referrers"
        case .token: "token"
        }
    }

    var isShort: Bool {
        guard request.method == .get || request.method == .head else { return false }
        switch route {
        case .manifest, .blob, .base: return true
        default: return false
        }
    }

    var options: RegistryResponse {
        guard let route else { return RegistryResponse(ofNoAPI: request, at: nil) }
        var response = RegistryResponse(v2Status: 204)
        response.headers[.allow] = RegistryResponse.allow(route.methods)
        return response
    }

    func respond(to failure: RequestFailure) -> RegistryResponse { RegistryResponse(v2Failure: failure) }

    func respond(to caller: Caller) async throws -> RegistryResponse {
        let permissions = caller.permissions
        if route == .token { return try await token() }
        if let route { try allow(route.methods, request) }
        switch route {
        case .base?:
            return RegistryResponse(v2Status: 200, json: .object([]))
        case .catalog?:
            return try await ListHandler(registry: registry, settings: settings)
                .repositories(request, shownTo: permissions)
        case .tags(let repository)?:
            return try await ListHandler(registry: registry, settings: settings).tags(request, in: name(repository))
        case .manifest(let repository, let reference)?:
            return try await ManifestHandler(registry: registry, settings: settings, permissions: permissions)
                .respond(request, self.reference(reference, for: request), in: name(repository))
        case .blob(let repository, let digest)?:
            return try await BlobHandler(registry: registry, settings: settings, permissions: permissions).respond(
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
            return try await UploadHandler(registry: registry, settings: settings).respond(
                request,
                parsed,
                in: name(repository)
            )
        case .referrers(let repository, let digest)?:
            return try await ReferrerHandler(registry: registry, settings: settings)
                .respond(request, parse(digest), in: name(repository))
        case .token?, nil:
            throw RegistryError.repositoryUnknown(request.path)
        }
    }

    /// Issues a token, if this server issues any.
    private func token() async throws -> RegistryResponse {
        guard let response = try await api.access.token(for: request, locations: settings.locations) else {
            throw RegistryError.repositoryUnknown(request.path)
        }
        return response
    }

    /// Parses a manifest reference. A malformed one is unknown to readers, and refused to writers.
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

/// Parses a digest sent by a client.
func parse(_ digest: String) throws(RegistryError) -> Digest {
    do { return try Digest(parsing: digest) } catch { throw .malformedDigest(digest) }
}
