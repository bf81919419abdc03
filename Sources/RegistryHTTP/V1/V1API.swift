import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// The API of Docker Registry v1, as docker-registry 0.9.1 had it: `/v1/…`, `/_ping` and `/`.
struct V1API: RegistryAPI {
    let registry: Registry
    let settings: ServiceSettings
    let access: AccessControl

    func call(for request: RegistryRequest, at path: String) -> (any APICall)? {
        let legacy = registry.legacy
        guard legacy.access != .disabled, let route = V1Route(path: path) else { return nil }
        if case .search = route, !legacy.isSearchEnabled { return nil }
        return V1Call(api: self, request: request, route: route)
    }
}

/// A request of v1: which handler its path belongs to, and which methods it has.
struct V1Call: APICall {
    let api: V1API
    let request: RegistryRequest
    let route: V1Route

    private var registry: Registry { api.registry }
    private var settings: ServiceSettings { api.settings }

    var requirement: AccessRequirement { route.requirement(of: request.method) }

    var login: LoginProtocol { .v1 }

    var isShort: Bool { false }

    var options: HTTPAnswer {
        var answer = HTTPAnswer(.noContent, headers: V1Headers.ofEveryAnswer)
        answer.headers[.allow] = HTTPAnswer.allow(route.methods.isEmpty ? [.get, .head] : route.methods)
        return answer
    }

    func answer(toFailure error: any Error) -> HTTPAnswer { HTTPAnswer(v1Error: error) }

    func answer(to visitor: Visitor) async throws -> HTTPAnswer {
        var answer = try await routed(visitor)
        // No cache that many share may keep what only some may see.
        if requirement == .image, !api.access.isOpen {
            answer.headers[.cacheControl] = answer.headers[.cacheControl]?.replacing("public", with: "private")
        }
        return answer
    }

    private func routed(_ visitor: Visitor) async throws -> HTTPAnswer {
        if case .redirectToSlash(let target) = route { return redirect(to: target) }
        guard route.methods.contains(request.method) else { return otherMethod }
        let isRead = request.method == .get || request.method == .head
        if isRead { return try await read(visitor) }
        // A login and what asks for one write nothing.
        if case .users = route { return try await users() }
        guard registry.legacy.access == .enabled else { throw RegistryError.readOnly }
        try registry.refuseWhenReadOnly()
        return try await write(visitor)
    }

    private func read(_ visitor: Visitor) async throws -> HTTPAnswer {
        let images = V1ImageHandler(registry: registry, permissions: visitor.permissions)
        let repositories = repositories(visitor)
        switch route {
        case .root: return HTTPAnswer(v1Status: 200, json: .string("\"docker-registry server\""))
        case .ping: return ping()
        case .users: return HTTPAnswer(v1Status: 200, json: .string("OK"))
        case .search:
            return try await V1SearchHandler(registry: registry, permissions: visitor.permissions).answer(request)
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
            return try await V1FilesHandler(registry: registry, permissions: visitor.permissions).answer(request, id)
        case .imageDiff(let id): return try await images.diff(id)
        case .user, .repository, .repositoryAuth, .imageChecksum, .redirectToSlash: return otherMethod
        }
    }

    private func write(_ visitor: Visitor) async throws -> HTTPAnswer {
        let push = V1PushHandler(registry: registry, pusher: visitor.pusher)
        let repositories = repositories(visitor)
        let isDelete = request.method == .delete
        if isDelete { try settings.refuseUnlessLegacyDeletesAreAllowed() }
        switch route {
        case .user: return HTTPAnswer(v1Empty: V1Headers.uncached())
        case .repository(let name):
            return isDelete ? try await repositories.delete(name) : try await repositories.begin(request, name)
        case .repositoryImages(let name):
            return isDelete ? repositories.deleteImages(request, name) : try await repositories.end(request, name)
        case .repositoryAuth: return HTTPAnswer(v1Status: 200, json: .string("OK"))
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

    private func repositories(_ visitor: Visitor) -> V1RepositoryHandler {
        V1RepositoryHandler(
            registry: registry,
            locations: settings.locations,
            access: api.access,
            visitor: visitor
        )
    }

    private func ping() -> HTTPAnswer {
        var answer = HTTPAnswer(v1Status: 200, json: .object([]))
        answer.headers[.registryStandalone] = "True"
        return answer
    }

    /// `POST /v1/users/`: without users of our own, everyone is welcome.
    private func users() async throws -> HTTPAnswer {
        let isJSON = try await request.withDocument { body in
            await HeavyWork.parsing(body.readableBytes) {
                body.isUTF8 && (try? JSONText(parsing: body.readableBytesView)) != nil
            }
        }
        guard isJSON else { throw RegistryError.legacy(.undecodableBody) }
        return HTTPAnswer(v1Status: 201, json: .string("User Created"))
    }

    private var otherMethod: HTTPAnswer {
        if route.redirectsOtherMethods, let path = settings.locations.path(of: request) {
            return redirect(to: V1Route.slashForm(of: path))
        }
        return HTTPAnswer(v1Page: .methodNotAllowed, allow: route.methods + [.options])
    }

    private func redirect(to target: String) -> HTTPAnswer {
        HTTPAnswer(v1Redirect: settings.locations.location(of: target, for: request))
    }
}
