import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// The repositories of v1: their tags, their images, and what was noted about them.
struct V1RepositoryHandler: Sendable {
    let registry: Registry

    private var tree: V1Tree { registry.tree }

    /// `GET /v1/repositories/R/images`: the stored list, and where its images are.
    func images(_ request: RegistryRequest, _ name: V1RepositoryName) async throws -> HTTPAnswer {
        guard let list = try await tree.indexImages(name) else {
            throw RegistryError.imagesUnknown(repository: name.description)
        }
        let headers = V1Headers.token(name, access: "read", request: request)
        return HTTPAnswer(v1Document: list, headers: headers)
    }

    /// `GET /v1/repositories/R/tags`: every tag and what its file holds.
    func tags(_ name: V1RepositoryName) async throws -> HTTPAnswer {
        guard try await tree.contains(name) else { throw RegistryError.repositoryUnknown(name.description) }
        var members: [JSONMember] = []
        for tag in try await tree.tagNames(in: name) {
            guard let text = try await tree.tag(tag, in: name)?.text else { continue }
            members.append(JSONMember(key: tag, value: .string(text)))
        }
        return HTTPAnswer(v1Status: 200, json: .object(members))
    }

    /// `GET /v1/repositories/R/tags/T`: what the tag's file holds.
    func tag(_ tag: String, _ name: V1RepositoryName) async throws -> HTTPAnswer {
        guard let text = try await tree.tag(tag, in: name)?.text else { throw RegistryError.tagUnknown(tag) }
        return HTTPAnswer(v1Status: 200, json: .string(text))
    }

    /// `GET /v1/repositories/R/json` and `…/tags/T/json`: who pushed, so far as it was noted. Never 404.
    func pushRecord(of tag: String?, _ name: V1RepositoryName) async throws -> HTTPAnswer {
        if let bytes = try await tree.pushRecord(of: tag, in: name),
            let record = try? JSONValue(parsing: bytes.readableBytesView), record.object != nil
        {
            return HTTPAnswer(v1Status: 200, json: record)
        }
        let unknown = ["docker_go_version", "docker_version", "kernel", "last_update"].map {
            JSONMember(key: $0, value: .null)
        }
        let assumed = [
            JSONMember(key: "arch", value: .string("amd64")), JSONMember(key: "os", value: .string("linux")),
        ]
        return HTTPAnswer(v1Status: 200, json: .object(assumed + unknown))
    }

    /// `GET /v1/repositories/R/properties`: whether it was marked private. Never 404.
    func properties(_ name: V1RepositoryName) async throws -> HTTPAnswer {
        let access = try await tree.isPrivate(name) ? "private" : "public"
        return HTTPAnswer(v1Status: 200, json: .object([JSONMember(key: "access", value: .string(access))]))
    }
}
