import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// Serves, stores and deletes manifests.
struct ManifestHandler: Sendable {
    let registry: Registry
    let settings: ServiceSettings
    /// The caller's permissions.
    let permissions: Permissions

    func respond(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws
        -> RegistryResponse
    {
        switch request.method {
        case .put: try await put(request, reference, in: name)
        case .delete: try await delete(reference, in: name)
        default: try await get(request, reference, in: name)
        }
    }

    private func get(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws
        -> RegistryResponse
    {
        let manifest = try await registry.manifest(
            reference,
            in: name,
            accepting: request.headers[values: .accept],
            by: ClientAgent(request.headers[.userAgent]),
            followsAlias: permissions.allowsBothSpellings(.pull, name.description)
        )
        let tag = EntityTag(manifest.digest)
        var response = RegistryResponse(v2Status: 200)
        response.headers[.contentType] = manifest.mediaType.description
        response.headers[.contentDigest] = manifest.digest.description
        response.headers[.eTag] = tag.description
        if tag.isNamed(by: request.headers[values: .ifNoneMatch]) {
            response.status = .notModified
        } else {
            response.body = .bytes(manifest.content)
            if registry.notesPulls {
                let actor = EventActor(request, by: permissions.user, through: .v2, settings.locations)
                registry.notePull(of: manifest, by: reference, in: name, by: actor)
            }
        }
        return response
    }

    private func delete(_ reference: Reference, in name: RepositoryName) async throws -> RegistryResponse {
        try settings.refuseUnlessDeletesAreAllowed()
        switch reference {
        case .tag(let tag): try await registry.deleteTag(tag, in: name)
        case .digest(let digest): try await registry.deleteManifest(digest, in: name)
        }
        return RegistryResponse(v2Status: 202)
    }

    private func put(_ request: RegistryRequest, _ reference: Reference, in name: RepositoryName) async throws
        -> RegistryResponse
    {
        try registry.refuseWhenReadOnly()
        let tags = try tags(of: request)
        let (digest, subject) = try await store(request, reference, tags, in: name)
        var response = RegistryResponse(v2Status: 201)
        response.headers[.location] = settings.locations.location(of: "/v2/\(name)/manifests/\(digest)", for: request)
        response.headers[.contentDigest] = digest.description
        response.headers[.ociSubject] = subject?.description
        if !tags.isEmpty { response.headers[.ociTag] = tags.map(\.description).joined(separator: ", ") }
        return response
    }

    /// Stores the manifest in the request body, and returns its digest and its subject.
    private func store(
        _ request: RegistryRequest,
        _ reference: Reference,
        _ tags: [Tag],
        in name: RepositoryName
    ) async throws -> (Digest, subject: Digest?) {
        do {
            return try await request.body.withDocument(upTo: Manifests.byteLimit) { bytes in
                let manifest = try await parse(bytes, request.headers[.contentType])
                let digest = try await store(manifest, request, reference, tags, in: name)
                return (digest, manifest.subject?.digest)
            }
        } catch is BodyTooLarge {
            throw RegistryError.manifestTooLarge(limit: Manifests.byteLimit)
        }
    }

    private func store(
        _ manifest: Manifest,
        _ request: RegistryRequest,
        _ reference: Reference,
        _ tags: [Tag],
        in name: RepositoryName
    ) async throws -> Digest {
        try await registry.put(
            manifest,
            under: reference,
            tags: tags,
            in: name,
            if: TagCondition(
                named: EntityTag.digests(in: request.headers[values: .ifMatch]),
                notNamed: EntityTag.digests(in: request.headers[values: .ifNoneMatch])
            ),
            // Copying content from the other spelling needs the same permission as a mount from there.
            takingOverFrom: name.otherSpelling.flatMap { permissions.allows(.pull, $0.description) ? $0 : nil }
        )
    }

    /// The additional tags for a pushed manifest: `?tag=…&tag=…`.
    private func tags(of request: RegistryRequest) throws(RegistryError) -> [Tag] {
        var tags: [Tag] = []
        var malformed: [String] = []
        for text in request.query.values(of: "tag") {
            if let tag = try? Tag(parsing: text) { tags.append(tag) } else { malformed.append(text) }
        }
        guard malformed.isEmpty else { throw .malformedTags(malformed) }
        return tags
    }

    private func parse(_ bytes: ByteBuffer, _ contentType: String?) async throws(RegistryError) -> Manifest {
        do {
            return try await HeavyWork.parsing(bytes.readableBytes) { () throws(MalformedManifest) in
                try Manifest(parsing: Array(buffer: bytes), contentType: contentType.map { MediaType($0) })
            }
        } catch {
            throw .malformedManifest(reason: error.description)
        }
    }
}

/// The `ETag` of content addressed by its digest.
struct EntityTag: CustomStringConvertible {
    private let digest: Digest

    init(_ digest: Digest) { self.digest = digest }

    var description: String { "\"\(digest)\"" }

    /// Whether `If-None-Match` contains it; old clients send the digest without quotes.
    func isNamed(by headers: [String]) -> Bool {
        headers.isEmpty ? false : Self.texts(in: headers).contains { $0 == digest.description || $0 == "*" }
    }

    /// The digests in a list of entity tags; nil without such a header.
    static func digests(in headers: [String]) -> DigestList? {
        guard !headers.isEmpty else { return nil }
        let texts = texts(in: headers)
        if texts.contains("*") { return .any }
        // A tag that is not a digest matches nothing here.
        return .only(Set(texts.compactMap { try? Digest(parsing: $0) }))
    }

    private static func texts(in headers: [String]) -> [String] {
        headers.flatMap { $0.split(separator: ",") }.map { candidate in
            var text = candidate.drop { $0 == " " }
            if text.hasPrefix("W/") { text = text.dropFirst(2) }
            return text.filter { $0 != "\"" && $0 != " " }
        }
    }
}
