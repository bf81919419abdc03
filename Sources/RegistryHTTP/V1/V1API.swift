import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// The API of Docker Registry v1, as in docker-registry 0.9.1: `/v1/…`, `/_ping` and `/`.
struct V1API: RegistryAPI {
    let registry: Registry
    let settings: ServiceSettings
    let access: AccessControl

    func call(for request: RegistryRequest, at path: String) -> (any APICall)? {
        let v1 = registry.v1
        guard v1.access != .disabled, let route = V1Route(path: path) else { return nil }
        if case .search = route, !v1.isSearchEnabled { return nil }
        return V1Call(api: self, request: request, route: route)
    }
}

/// A v1 request with its route.
struct V1Call: APICall {
    let api: V1API
    let request: RegistryRequest
    let route: V1Route

    private var registry: Registry { api.registry }
    private var settings: ServiceSettings { api.settings }

    var requirement: AccessRequirement { route.requirement(of: request.method) }

    var login: LoginProtocol { .v1 }

    var handler: String {
        switch route {
        case .ping, .root, .users, .user, .redirectToSlash: "v1_base"
        case .search: "v1_search"
        case .repository, .repositoryImages, .repositoryAuth, .repositoryJSON, .repositoryProperties: "v1_repository"
        case .repositoryTags, .tag, .tagJSON: "v1_tags"
        case .imageLayer: "v1_layer"
        case .imageJSON, .imageChecksum, .imageAncestry, .imageFiles, .imageDiff: "v1_image"
        }
    }

    var isShort: Bool { false }

    var options: RegistryResponse {
        var response = RegistryResponse(.noContent, headers: V1Headers.ofEveryAnswer)
        response.headers[.allow] = RegistryResponse.allow(route.methods.isEmpty ? [.get, .head] : route.methods)
        return response
    }

    func respond(to failure: RequestFailure) -> RegistryResponse { RegistryResponse(v1Failure: failure) }

    func respond(to caller: Caller) async throws -> RegistryResponse {
        var response = try await routed(caller)
        // Shared caches must not store content with restricted access.
        if requirement == .image, !api.access.isOpen {
            response.headers[.cacheControl] = response.headers[.cacheControl]?.replacing("public", with: "private")
        }
        return response
    }

    private func routed(_ caller: Caller) async throws -> RegistryResponse {
        if case .redirectToSlash(let target) = route { return redirect(to: target) }
        guard route.methods.contains(request.method) else { return otherMethod }
        let isRead = request.method == .get || request.method == .head
        if isRead { return try await read(caller) }
        // Login requests write nothing.
        if case .users = route { return try await users() }
        guard registry.v1.access == .enabled else { throw RegistryError.readOnly }
        try registry.refuseWhenReadOnly()
        return try await write(caller)
    }

    private func read(_ caller: Caller) async throws -> RegistryResponse {
        let permissions = caller.permissions
        let images = V1ImageHandler(registry: registry, locations: settings.locations, permissions: permissions)
        let repositories = repositories(caller)
        switch route {
        case .root: return RegistryResponse(v1Status: 200, json: .string("\"docker-registry server\""))
        case .ping: return ping()
        case .users: return RegistryResponse(v1Status: 200, json: .string("OK"))
        case .search:
            return try await V1SearchHandler(registry: registry, permissions: permissions).respond(request)
        case .repositoryImages(let name): return try await repositories.images(request, name)
        case .repositoryTags(let name): return try await repositories.tags(name)
        case .tag(let name, let tag): return try await repositories.tag(tag, name)
        case .tagJSON(let name, let tag): return try await repositories.pushRecord(of: tag, name)
        case .repositoryJSON(let name): return try await repositories.pushRecord(of: nil, name)
        case .repositoryProperties(let name): return try await repositories.properties(name)
        case .imageJSON(let id): return try await images.json(request, id)
        case .imageLayer(let id): return try await images.layer(request, id)
        case .imageAncestry(let id): return try await images.ancestry(request, id)
        case .imageFiles(let id):
            return try await V1FilesHandler(
                registry: registry,
                locations: settings.locations,
                permissions: permissions
            ).respond(request, id)
        case .imageDiff(let id): return try await images.diff(id)
        case .user, .repository, .repositoryAuth, .imageChecksum, .redirectToSlash: return otherMethod
        }
    }

    private func write(_ caller: Caller) async throws -> RegistryResponse {
        let push = V1PushHandler(registry: registry, pusher: caller.pusher)
        let repositories = repositories(caller)
        let isDelete = request.method == .delete
        if isDelete { try settings.refuseUnlessLegacyDeletesAreAllowed() }
        switch route {
        case .user: return RegistryResponse(v1Empty: V1Headers.uncached())
        case .repository(let name):
            return isDelete ? try await repositories.delete(name) : try await repositories.begin(request, name)
        case .repositoryImages(let name):
            return isDelete ? repositories.deleteImages(request, name) : try await repositories.end(request, name)
        case .repositoryAuth: return RegistryResponse(v1Status: 200, json: .string("OK"))
        case .repositoryTags(let name): return try await repositories.delete(name)
        case .tag(let name, let tag):
            return isDelete
                ? try await repositories.deleteTag(tag, name) : try await repositories.putTag(request, tag, name)
        case .repositoryProperties(let name):
            return try await repositories.putProperties(request, name)
        case .imageJSON(let id): return try await push.json(request, id)
        case .imageLayer(let id): return try await push.layer(request, id)
        case .imageChecksum(let id): return try await push.checksum(request, id)
        case .ping, .root, .users, .search, .tagJSON, .repositoryJSON, .imageAncestry, .imageFiles, .imageDiff,
            .redirectToSlash:
            return otherMethod
        }
    }

    private func repositories(_ caller: Caller) -> V1RepositoryHandler {
        V1RepositoryHandler(
            registry: registry,
            locations: settings.locations,
            access: api.access,
            caller: caller
        )
    }

    private func ping() -> RegistryResponse {
        var response = RegistryResponse(v1Status: 200, json: .object([]))
        response.headers[.registryStandalone] = "True"
        return response
    }

    /// `POST /v1/users/`: there is no user database, so every registration succeeds.
    private func users() async throws -> RegistryResponse {
        let isJSON = try await request.withDocument { body in
            await HeavyWork.parsing(body.readableBytes) {
                body.isUTF8 && (try? JSONText(parsing: body.readableBytesView)) != nil
            }
        }
        guard isJSON else { throw RegistryError.v1(.undecodableBody) }
        return RegistryResponse(v1Status: 201, json: .string("User Created"))
    }

    private var otherMethod: RegistryResponse {
        if route.redirectsOtherMethods, let path = settings.locations.path(of: request) {
            return redirect(to: V1Route.slashForm(of: path))
        }
        return RegistryResponse(v1Page: .methodNotAllowed, allow: route.methods + [.options])
    }

    private func redirect(to target: String) -> RegistryResponse {
        RegistryResponse(v1Redirect: settings.locations.location(of: target, for: request))
    }
}
