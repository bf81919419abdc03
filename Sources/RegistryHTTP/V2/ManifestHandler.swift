import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// Manifests, as clients pull, push and delete them.
struct ManifestHandler: Sendable {
    let registry: Registry
    let settings: ServiceSettings
    /// What whoever sent the request may do.
    let permissions: Permissions

    func answer(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws -> HTTPAnswer
    {
        switch request.method {
        case .put: try await put(request, reference, in: name)
        case .delete: try await delete(reference, in: name)
        default: try await get(request, reference, in: name)
        }
    }

    private func get(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws
        -> HTTPAnswer
    {
        let manifest = try await registry.manifest(
            reference,
            in: name,
            accepting: request.headers[values: .accept],
            by: ClientAgent(request.headers[.userAgent]),
            followsAlias: permissions.allowsBothSpellings(.pull, name.description)
        )
        let tag = EntityTag(manifest.digest)
        var answer = HTTPAnswer(v2Status: 200)
        answer.headers[.contentType] = manifest.mediaType.description
        answer.headers[.contentDigest] = manifest.digest.description
        answer.headers[.eTag] = tag.description
        if tag.isNamed(by: request.headers[values: .ifNoneMatch]) {
            answer.status = .notModified
        } else {
            answer.body = .bytes(manifest.content)
        }
        return answer
    }

    private func delete(_ reference: Reference, in name: RepositoryName) async throws -> HTTPAnswer {
        try settings.refuseUnlessDeletesAreAllowed()
        switch reference {
        case .tag(let tag): try await registry.deleteTag(tag, in: name)
        case .digest(let digest): try await registry.deleteManifest(digest, in: name)
        }
        return HTTPAnswer(v2Status: 202)
    }

    private func put(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws
        -> HTTPAnswer
    {
        try registry.refuseWhenReadOnly()
        let tags = try tags(of: request)
        let manifest = try await manifest(of: request)
        let digest = try await registry.put(
            manifest,
            under: reference,
            tags: tags,
            in: name,
            if: TagCondition(
                named: EntityTag.digests(in: request.headers[values: .ifMatch]),
                notNamed: EntityTag.digests(in: request.headers[values: .ifNoneMatch])
            ),
            // As a mount from there would need.
            takingOverFrom: name.otherSpelling.flatMap { permissions.allows(.pull, $0.description) ? $0 : nil }
        )
        var answer = HTTPAnswer(v2Status: 201)
        answer.headers[.location] = settings.locations.location(of: "/v2/\(name)/manifests/\(digest)", for: request)
        answer.headers[.contentDigest] = digest.description
        answer.headers[.ociSubject] = manifest.subject?.digest.description
        if !tags.isEmpty { answer.headers[.ociTag] = tags.map(\.description).joined(separator: ", ") }
        return answer
    }

    /// The tags that a manifest is to be given along with what it is pushed as: `?tag=…&tag=…`.
    private func tags(of request: RegistryRequest) throws(RegistryError) -> [Tag] {
        var tags: [Tag] = []
        var malformed: [String] = []
        for text in request.query.values(of: "tag") {
            if let tag = try? Tag(parsing: text) { tags.append(tag) } else { malformed.append(text) }
        }
        guard malformed.isEmpty else { throw .malformedTags(malformed) }
        return tags
    }

    private func manifest(of request: RegistryRequest) async throws -> Manifest {
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: Manifests.byteLimit)
        } catch is BodyTooLarge {
            throw RegistryError.manifestTooLarge(limit: Manifests.byteLimit)
        }
        do {
            return try Manifest(
                parsing: Array(buffer: bytes),
                contentType: request.headers[.contentType].map { MediaType($0) }
            )
        } catch {
            throw RegistryError.malformedManifest(reason: error.description)
        }
    }
}
