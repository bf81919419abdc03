import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore
import Storage

/// Serves v1 images: those pushed through v1, and v2 images as presented to v1.
struct V1ImageHandler: Sendable {
    let registry: Registry
    let locations: LocationPolicy
    /// The caller's permissions.
    let permissions: Permissions

    /// `GET /v1/images/ID/json`: the stored bytes, with the layer's size and the stored checksums.
    func json(_ request: RegistryRequest, _ text: String) async throws -> RegistryResponse {
        let image = try await image(text)
        if let response = Self.notModified(request) { return response }
        var headers = V1Headers.cached(.json)
        if let layer = image.layer { headers[.dockerSize] = "\(layer.attributes.byteCount)" }
        for checksum in image.checksums { headers.append(HTTPField(name: .payloadChecksum, value: checksum)) }
        return RegistryResponse(v1Document: image.json, headers: headers)
    }

    /// `GET /v1/images/ID/ancestry`: the ids from the image to its root.
    func ancestry(_ request: RegistryRequest, _ text: String) async throws -> RegistryResponse {
        let id = try id(text)
        let ids = try await registry.v1Images.ancestry(of: id, by: access(to: id))
        if let pull = pull(request) { await registry.notePull(ofImage: id, in: pull.name, by: pull.actor) }
        if let response = Self.notModified(request) { return response }
        return RegistryResponse(v1Status: 200, json: ids, headers: V1Headers.cached(.json))
    }

    /// `GET /v1/images/ID/layer`: the stored bytes, or the requested range of them.
    ///
    /// A range that counts from the end is ignored, as by docker-registry.
    func layer(_ request: RegistryRequest, _ text: String) async throws -> RegistryResponse {
        let id = try id(text)
        let access = try await access(to: id)
        let reader = try await registry.v1Images.openLayer(of: id, by: access)
        let byteCount = reader.attributes.byteCount
        if let (name, actor) = pull(request) {
            await registry.notePull(ofLayerOf: id, byteCount: byteCount, in: name, by: access, by: actor)
        }
        if let response = Self.notModified(request) { return response }
        var response = RegistryResponse(.ok, headers: V1Headers.cached(.octetStream))
        response.headers[.acceptRanges] = "bytes"
        let range = request.headers[.range].flatMap { $0.hasPrefix("bytes=-") ? nil : $0 }
        switch ByteRange(header: range, byteCount: byteCount) {
        case .whole: response.body = .object(reader, range: 0..<byteCount)
        case .part(let range):
            response.status = .partialContent
            response.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(byteCount)"
            response.body = .object(reader, range: range)
        case .unsatisfiable:
            response.status = .rangeNotSatisfiable
            response.headers[.contentRange] = "bytes */\(byteCount)"
        }
        return response
    }

    /// `GET /v1/images/ID/diff`: never available, as in docker-registry without redis.
    func diff(_ text: String) async throws -> RegistryResponse {
        let id = try id(text)
        guard try await access(to: id).isThroughTree else { throw RegistryError.v1(.diffUnavailable) }
        guard try await !registry.tree.isInProgress(id) else { throw RegistryError.imageInProgress(id) }
        throw RegistryError.v1(.diffUnavailable)
    }

    /// The repository in the client's token, and the client; nil without a token, or if nothing takes note of pulls.
    private func pull(_ request: RegistryRequest) -> (name: V1RepositoryName, actor: EventActor)? {
        guard registry.notesPulls,
            let name = AuthorizationHeader.repository(inV1Token: request.headers[.authorization])
        else { return nil }
        return (name, EventActor(request, by: permissions.user, through: .v1, locations))
    }

    /// A complete image, or an error.
    func image(_ text: String) async throws -> ServedV1Image {
        let id = try id(text)
        return try await registry.v1Images.image(id, by: access(to: id))
    }

    /// Why the caller may see an image.
    ///
    /// - Throws: ``RegistryError/imageUnknown(_:)`` for an image that does not exist or that the caller may not see.
    func access(to id: V1ImageID) async throws -> ImageAccess {
        if permissions.allowsEverywhere(.pull) { return .anywhere }
        let access = try await registry.holders.access(to: id) { permissions.allows(.pull, $0.description) }
        guard let access else { throw RegistryError.imageUnknown(id) }
        return access
    }

    /// A 304 for any `If-Modified-Since`: images never change.
    static func notModified(_ request: RegistryRequest) -> RegistryResponse? {
        guard request.headers[.ifModifiedSince] != nil else { return nil }
        return RegistryResponse(.notModified, headers: V1Headers.notModified())
    }

    func id(_ text: String) throws(RegistryError) -> V1ImageID {
        do { return try V1ImageID(parsing: text) } catch { throw .malformedImageID(text) }
    }
}

/// `GET /v1/images/ID/files`: the list of files in an image's layer.
struct V1FilesHandler: Sendable {
    let registry: Registry
    let locations: LocationPolicy
    /// The caller's permissions.
    let permissions: Permissions

    /// Returns a list stored by docker-registry unchanged. The image's JSON may be missing.
    func respond(_ request: RegistryRequest, _ text: String) async throws -> RegistryResponse {
        let images = V1ImageHandler(registry: registry, locations: locations, permissions: permissions)
        let id = try images.id(text)
        let access = try await images.access(to: id)
        let layer = try await registry.v1Images.openLayer(of: id, by: access)
        if let response = V1ImageHandler.notModified(request) { return response }
        let stored = access.isThroughTree ? try await registry.tree.files(id) : nil
        let list = if let stored { stored } else { try await registry.fileLists.list(layer, of: id) }
        return RegistryResponse(
            .ok,
            headers: V1Headers.cached(.json),
            body: .object(list, range: 0..<list.attributes.byteCount)
        )
    }
}
