import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// Serves v1 repositories: their tags, their images, and their metadata.
struct V1RepositoryHandler: Sendable {
    let registry: Registry
    let locations: LocationPolicy
    let access: AccessControl
    let caller: Caller

    private var tree: V1Tree { registry.tree }

    /// `GET /v1/repositories/R/images`: the stored list or else the tagged images, with their endpoints.
    func images(_ request: RegistryRequest, _ name: V1RepositoryName) async throws -> RegistryResponse {
        let headers = token(name, "read", request)
        if let list = try await tree.indexImages(name) { return RegistryResponse(v1Document: list, headers: headers) }
        let tagged = try await registry.bridge.taggedImages(in: name)
        guard !tagged.isEmpty else { throw RegistryError.imagesUnknown(repository: name.description) }
        let list = tagged.map { JSONValue.object([JSONMember(key: "id", value: .string($0))]) }
        return RegistryResponse(v1Status: 200, json: .array(list), headers: headers)
    }

    /// `GET /v1/repositories/R/tags`: every tag with its image.
    func tags(_ name: V1RepositoryName) async throws -> RegistryResponse {
        let tags = try await registry.bridge.tags(in: name)
        return RegistryResponse(
            v1Status: 200,
            json: .object(tags.map { JSONMember(key: $0.tag, value: .string($0.image)) })
        )
    }

    /// `GET /v1/repositories/R/tags/T`: the tag's image.
    func tag(_ tag: String, _ name: V1RepositoryName) async throws -> RegistryResponse {
        guard let image = try await registry.bridge.image(of: tag, in: name) else {
            throw RegistryError.tagUnknown(tag)
        }
        return RegistryResponse(v1Status: 200, json: .string(image))
    }

    /// `GET /v1/repositories/R/json` and `…/tags/T/json`: who pushed, as far as recorded. Never 404.
    func pushRecord(of tag: String?, _ name: V1RepositoryName) async throws -> RegistryResponse {
        if let record = try await registry.v1Repositories.pushRecord(of: tag, in: name) {
            return RegistryResponse(v1Status: 200, json: record)
        }
        let unknown = ["docker_go_version", "docker_version", "kernel", "last_update"].map {
            JSONMember(key: $0, value: .null)
        }
        let assumed = [
            JSONMember(key: "arch", value: .string("amd64")), JSONMember(key: "os", value: .string("linux")),
        ]
        return RegistryResponse(v1Status: 200, json: .object(assumed + unknown))
    }

    /// `GET /v1/repositories/R/properties`: whether it is marked private. Never 404.
    func properties(_ name: V1RepositoryName) async throws -> RegistryResponse {
        let access = try await tree.isPrivate(name) ? "private" : "public"
        return RegistryResponse(v1Status: 200, json: .object([JSONMember(key: "access", value: .string(access))]))
    }
}

extension V1RepositoryHandler {
    /// The headers of a response with a token for the client.
    private func token(_ name: V1RepositoryName, _ access: String, _ request: RegistryRequest) -> HTTPFields {
        let signature = self.access.v1Token(for: name, access: access, caller: caller)
        return V1Headers.token(name, access: access, signature: signature, endpoint: locations.authority(for: request))
    }
}

/// Pushes and deletes.
extension V1RepositoryHandler {
    /// `PUT /v1/repositories/R/`: begins a push with the list of its images.
    func begin(_ request: RegistryRequest, _ name: V1RepositoryName) async throws -> RegistryResponse {
        try await request.withDocument { try await registry.v1Repositories.add($0, to: name) }
        let headers = token(name, "write", request)
        return RegistryResponse(v1Status: 200, json: .string(""), headers: headers)
    }

    /// `PUT /v1/repositories/R/images`: ends a push.
    func end(_ request: RegistryRequest, _ name: V1RepositoryName) async throws -> RegistryResponse {
        try await request.withDocument { try await registry.v1Repositories.add($0, to: name) }
        return RegistryResponse(v1Empty: token(name, "write", request))
    }

    /// `DELETE /v1/repositories/R/images`: does nothing, as in docker-registry.
    func deleteImages(_ request: RegistryRequest, _ name: V1RepositoryName) -> RegistryResponse {
        RegistryResponse(v1Empty: token(name, "delete", request))
    }

    /// `DELETE /v1/repositories/R/` and `…/tags`: deletes the repository in both protocols, as docker-registry did for
    /// both paths. The bytes stay until garbage collection.
    func delete(_ name: V1RepositoryName) async throws -> RegistryResponse {
        _ = try await registry.deleteRepository(EventRepository(name))
        return RegistryResponse(v1Status: 200, json: .boolean(true))
    }

    /// `PUT /v1/repositories/R/tags/T`: the body is an image id as a JSON string.
    func putTag(_ request: RegistryRequest, _ tag: String, _ name: V1RepositoryName) async throws -> RegistryResponse {
        let text = try await request.withDocument { body in
            await HeavyWork.parsing(body.readableBytes) {
                body.isUTF8 ? (try? JSONText(parsing: body.readableBytesView))?.string : nil
            }
        }
        guard let text, !text.isEmpty else { throw RegistryError.v1(.unexpectedBody) }
        guard let image = try? V1ImageID(parsing: text) else { throw RegistryError.v1(.taggedImageUnknown(text)) }
        if let pusher = caller.pusher { try await requireNameable(image, by: pusher) }
        try await registry.bridge.set(tag, to: image, by: ClientAgent(request.headers[.userAgent]), in: name)
        return RegistryResponse(v1Status: 200, json: .boolean(true))
    }

    /// Tagging an image makes it part of the repository, so the caller must be able to read it. Otherwise it is
    /// reported as missing.
    private func requireNameable(_ image: V1ImageID, by pusher: ImagePusher) async throws {
        do { try await registry.namedImages.require(image, by: pusher) } catch RegistryError.imageUnknown {
            throw RegistryError.v1(.taggedImageUnknown(image.description))
        }
    }

    /// `DELETE /v1/repositories/R/tags/T`
    func deleteTag(_ tag: String, _ name: V1RepositoryName) async throws -> RegistryResponse {
        guard try await registry.bridge.remove(tag, in: name) else {
            throw RegistryError.v1(.tagToDeleteUnknown(tag))
        }
        return RegistryResponse(v1Status: 200, json: .boolean(true))
    }

    /// `PUT /v1/repositories/R/properties`
    func putProperties(_ request: RegistryRequest, _ name: V1RepositoryName) async throws -> RegistryResponse {
        try await request.withDocument { try await registry.v1Repositories.setProperties($0, of: name) }
        return RegistryResponse(v1Status: 200, json: .boolean(true))
    }
}
