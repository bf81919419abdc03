import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// Manifests, as clients pull and push them.
struct ManifestHandler: Sendable {
    let registry: Registry

    func answer(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws -> HTTPAnswer
    {
        try allow([.get, .head, .put], request)
        return request.method == .put
            ? try await put(request, reference, in: name) : try await get(request, reference, in: name)
    }

    private func get(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws
        -> HTTPAnswer
    {
        let (manifest, digest) = try await registry.manifest(reference, in: name)
        var answer = HTTPAnswer(v2Status: 200)
        answer.headers[.contentType] = manifest.mediaType.description
        answer.headers[.contentDigest] = digest.description
        answer.headers[.eTag] = "\"\(digest)\""
        if EntityTag(digest).isNamed(by: request.headers[values: .ifNoneMatch]) {
            answer.status = .notModified
        } else {
            answer.body = .bytes(ByteBuffer(bytes: manifest.bytes))
        }
        return answer
    }

    private func put(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws
        -> HTTPAnswer
    {
        try registry.refuseWhenReadOnly()
        let manifest = try await manifest(of: request)
        let digest = try await registry.put(manifest, under: reference, in: name)
        var answer = HTTPAnswer(v2Status: 201)
        answer.headers[.location] = request.location("/v2/\(name)/manifests/\(digest)")
        answer.headers[.contentDigest] = digest.description
        answer.headers[.ociSubject] = manifest.subject?.digest.description
        return answer
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
