import HTTPTypes
import ImageModel
import RegistryCore
import Storage

/// Serves and deletes blobs.
struct BlobHandler: Sendable {
    let registry: Registry
    let settings: ServiceSettings
    /// The caller's permissions.
    let permissions: Permissions

    func respond(_ request: RegistryRequest, _ digest: Digest, in name: RepositoryName) async throws -> RegistryResponse
    {
        request.method == .delete ? try await delete(digest, in: name) : try await get(request, digest, in: name)
    }

    private func delete(_ digest: Digest, in name: RepositoryName) async throws -> RegistryResponse {
        try settings.refuseUnlessDeletesAreAllowed()
        try await registry.deleteBlob(digest, in: name)
        return RegistryResponse(v2Status: 202)
    }

    private func get(_ request: RegistryRequest, _ digest: Digest, in name: RepositoryName) async throws
        -> RegistryResponse
    {
        // HEAD works like GET: Docker 1.8 and 1.9 send one for each layer before pulling it. A pusher may rely on it
        // even for a blob found through an alias, and refer to that blob in a manifest.
        let reader = try await registry.blob(
            digest,
            in: name,
            isRead: request.method == .get,
            followsAlias: permissions.allowsBothSpellings(.pull, name.description)
        )
        let byteCount = reader.attributes.byteCount
        if request.method == .head, registry.recordsUses, permissions.allows(.push, name.description) {
            try await registry.noteUse(of: digest, in: name)
        }
        if registry.notesPulls {
            let actor = EventActor(request, by: permissions.user, through: .v2, settings.locations)
            registry.notePull(of: digest, byteCount: byteCount, in: name, by: actor)
        }
        let tag = EntityTag(digest)
        var response = RegistryResponse(v2Status: 200)
        response.headers[.contentType] = MediaType.octetStream.description
        response.headers[.contentDigest] = digest.description
        response.headers[.eTag] = tag.description
        response.headers[.cacheControl] = "max-age=31536000"
        response.headers[.acceptRanges] = "bytes"
        if tag.isNamed(by: request.headers[values: .ifNoneMatch]) {
            response.status = .notModified
            return response
        }
        let isWhole = request.headers[.ifRange].map { !tag.isNamed(by: [$0]) } ?? false
        switch ByteRanges(header: isWhole ? nil : request.headers[.range], byteCount: byteCount) {
        case .whole: response.body = .object(reader, range: 0..<byteCount)
        case .part(let range):
            response.status = .partialContent
            response.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(byteCount)"
            response.body = .object(reader, range: range)
        case .parts(let ranges):
            let parts = MultipartRanges(ranges, of: byteCount, type: MediaType.octetStream.description)
            response.status = .partialContent
            response.headers[.contentType] = parts.contentType
            response.body = .parts(reader, parts)
        case .unsatisfiable: throw RegistryError.rangeUnsatisfiable(byteCount: byteCount)
        }
        return response
    }
}

extension ServiceSettings {
    /// Refuses a delete unless the operator allows it.
    func refuseUnlessDeletesAreAllowed() throws(RegistryError) {
        guard !allowsDeletes else { return }
        throw .unsupported(
            reason:
                "clients may not delete here: set storage.delete.enabled (or REGISTRY_STORAGE_DELETE_ENABLED) to true"
        )
    }
}
