import HTTPTypes
import ImageModel
import RegistryCore

/// Answers the v1 protocol: which handler a path belongs to, and which methods it has.
///
/// The endpoints that write (pushes and deletes) answer 405: this server reads a v1 tree.
struct V1Handler: Sendable {
    let registry: Registry

    /// The answer to a request whose path is v1's, or a refusal to be put into v1's words.
    func answer(_ request: RegistryRequest, route: V1Route?) async throws -> HTTPAnswer {
        guard let route else { return HTTPAnswer(v1Page: .notFound) }
        if case .redirectToSlash(let target) = route { return redirect(request, to: target) }
        guard let read = read(route, request) else { return HTTPAnswer(v1Page: .notFound) }
        switch request.method {
        case .get, .head: return try await read()
        case .options:
            var answer = HTTPAnswer(.ok, headers: [.contentType: "text/html; charset=utf-8"])
            answer.headers[.allow] = "GET, HEAD, OPTIONS"
            return answer
        default: return HTTPAnswer(v1Page: .methodNotAllowed, allow: [.get, .head, .options])
        }
    }

    private func read(_ route: V1Route, _ request: RegistryRequest) -> (() async throws -> HTTPAnswer)? {
        let images = V1ImageHandler(registry: registry)
        let repositories = V1RepositoryHandler(registry: registry)
        switch route {
        case .root: return { HTTPAnswer(v1Status: 200, json: .string("\"docker-registry server\"")) }
        case .ping: return { ping() }
        case .users: return { HTTPAnswer(v1Status: 200, json: .string("OK")) }
        case .search: return { try await V1SearchHandler(registry: registry).answer(request) }
        case .repositoryImages(let name): return { try await repositories.images(request, V1RepositoryName(name)) }
        case .repositoryTags(let name): return { try await repositories.tags(V1RepositoryName(name)) }
        case .tag(let name, let tag): return { try await repositories.tag(tag, V1RepositoryName(name)) }
        case .tagJSON(let name, let tag): return { try await repositories.pushRecord(of: tag, V1RepositoryName(name)) }
        case .repositoryJSON(let name): return { try await repositories.pushRecord(of: nil, V1RepositoryName(name)) }
        case .repositoryProperties(let name): return { try await repositories.properties(V1RepositoryName(name)) }
        case .imageJSON(let id): return { try await images.json(request, id) }
        case .imageLayer(let id): return { try await images.layer(request, id) }
        case .imageAncestry(let id): return { try await images.ancestry(request, id) }
        case .user, .repository, .repositoryAuth, .imageChecksum:
            return { HTTPAnswer(v1Page: .methodNotAllowed, allow: [.options]) }
        case .imageFiles, .imageDiff, .redirectToSlash: return nil
        }
    }

    private func ping() -> HTTPAnswer {
        var answer = HTTPAnswer(v1Status: 200, json: .object([]))
        answer.headers[.registryStandalone] = "True"
        return answer
    }

    private func redirect(_ request: RegistryRequest, to target: String) -> HTTPAnswer {
        var answer = HTTPAnswer(v1Page: .movedPermanently)
        answer.headers[.location] = request.location(target)
        return answer
    }
}

extension V1RepositoryName {
    fileprivate init(_ repository: V1Route.Repository) {
        self.init(namespace: repository.namespace, repository: repository.name)
    }
}
