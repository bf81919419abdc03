import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// Answers the v1 protocol: which handler a path belongs to, and which methods it has.
struct V1Handler: Sendable {
    let registry: Registry
    let settings: ServiceSettings
    let access: AccessControl
    /// The caller, whose access is checked already unless the request is for an image.
    let visitor: Visitor

    /// Whether there is such a route here at all.
    static func isServed(_ route: V1Route?, by settings: LegacySettings) -> Bool {
        guard let route, settings.access != .disabled else { return false }
        if case .search = route { return settings.isSearchEnabled }
        return true
    }

    /// The answer to a request whose path is v1's, or a refusal to be put into v1's words.
    func answer(_ request: RegistryRequest, route: V1Route?) async throws -> HTTPAnswer {
        guard let route else { return HTTPAnswer(v1Page: .notFound) }
        if case .redirectToSlash(let target) = route { return redirect(request, to: target) }
        guard route.methods.contains(request.method) else { return otherMethod(request, route) }
        let isRead = request.method == .get || request.method == .head
        if isRead { return try await read(route, request) }
        // A login and what asks for one write nothing.
        if case .users = route { return try await users(request) }
        guard registry.legacy.access == .enabled else { throw RegistryError.readOnly }
        try registry.refuseWhenReadOnly()
        return try await write(route, request)
    }

    private func read(_ route: V1Route, _ request: RegistryRequest) async throws -> HTTPAnswer {
        let images = V1ImageHandler(registry: registry, permissions: visitor.permissions)
        let repositories = V1RepositoryHandler(
            registry: registry,
            locations: settings.locations,
            access: access,
            visitor: visitor
        )
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
        case .user, .repository, .repositoryAuth, .imageChecksum, .redirectToSlash: return otherMethod(request, route)
        }
    }

    private func write(_ route: V1Route, _ request: RegistryRequest) async throws -> HTTPAnswer {
        let push = V1PushHandler(registry: registry, pusher: visitor.pusher)
        let repositories = V1RepositoryHandler(
            registry: registry,
            locations: settings.locations,
            access: access,
            visitor: visitor
        )
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
            return otherMethod(request, route)
        }
    }

    private func ping() -> HTTPAnswer {
        var answer = HTTPAnswer(v1Status: 200, json: .object([]))
        answer.headers[.registryStandalone] = "True"
        return answer
    }

    /// `POST /v1/users/`: without users of our own, everyone is welcome.
    private func users(_ request: RegistryRequest) async throws -> HTTPAnswer {
        let isJSON = try await request.withDocument { body in
            await HeavyWork.parsing(body.readableBytes) {
                body.isUTF8 && (try? JSONText(parsing: body.readableBytesView)) != nil
            }
        }
        guard isJSON else { throw RegistryError.legacy(.undecodableBody) }
        return HTTPAnswer(v1Status: 201, json: .string("User Created"))
    }

    private func otherMethod(_ request: RegistryRequest, _ route: V1Route) -> HTTPAnswer {
        if route.redirectsOtherMethods, let path = settings.locations.path(of: request) {
            return redirect(request, to: V1Route.slashForm(of: path))
        }
        return HTTPAnswer(v1Page: .methodNotAllowed, allow: route.methods + [.options])
    }

    private func redirect(_ request: RegistryRequest, to target: String) -> HTTPAnswer {
        HTTPAnswer(v1Redirect: settings.locations.location(of: target, for: request))
    }
}
