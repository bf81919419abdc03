import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore
import Storage

/// The images of v1, as clients pull them: those that came by v1, and those of v2 as v1 sees them.
struct V1ImageHandler: Sendable {
    let registry: Registry
    /// What whoever sent the request may do.
    let permissions: Permissions

    /// `GET /v1/images/ID/json`: the stored bytes, with the layer's size and the stored checksums.
    func json(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let image = try await image(text)
        if let answer = Self.notModified(request) { return answer }
        var headers = V1Headers.cached(.json)
        if let layer = image.layer { headers[.dockerSize] = "\(layer.attributes.byteCount)" }
        for checksum in image.checksums { headers.append(HTTPField(name: .payloadChecksum, value: checksum)) }
        return HTTPAnswer(v1Document: image.json, headers: headers)
    }

    /// `GET /v1/images/ID/ancestry`: the ids from the image to its root.
    func ancestry(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let id = try id(text)
        let ids = try await registry.legacyImages.ancestry(of: id, by: passage(to: id))
        if let answer = Self.notModified(request) { return answer }
        return HTTPAnswer(v1Status: 200, json: ids, headers: V1Headers.cached(.json))
    }

    /// `GET /v1/images/ID/layer`: the stored bytes, or the range of them that is asked for.
    ///
    /// A range that counts from the end is ignored, as docker-registry ignores it.
    func layer(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let id = try id(text)
        let reader = try await registry.legacyImages.openLayer(of: id, by: passage(to: id))
        if let answer = Self.notModified(request) { return answer }
        let byteCount = reader.attributes.byteCount
        var answer = HTTPAnswer(.ok, headers: V1Headers.cached(.octetStream))
        answer.headers[.acceptRanges] = "bytes"
        let range = request.headers[.range].flatMap { $0.hasPrefix("bytes=-") ? nil : $0 }
        switch ByteRange(header: range, byteCount: byteCount) {
        case .whole: answer.body = .object(reader, range: 0..<byteCount)
        case .part(let range):
            answer.status = .partialContent
            answer.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(byteCount)"
            answer.body = .object(reader, range: range)
        case .unsatisfiable:
            answer.status = .rangeNotSatisfiable
            answer.headers[.contentRange] = "bytes */\(byteCount)"
        }
        return answer
    }

    /// `GET /v1/images/ID/diff`: docker-registry without redis has none to show.
    func diff(_ text: String) async throws -> HTTPAnswer {
        let id = try id(text)
        guard try await passage(to: id).isThroughTree else { throw RegistryError.legacy(.diffUnavailable) }
        guard try await !registry.tree.isInProgress(id) else { throw RegistryError.imageInProgress(id) }
        throw RegistryError.legacy(.diffUnavailable)
    }

    /// A complete image, or a refusal.
    func image(_ text: String) async throws -> LegacyImage {
        let id = try id(text)
        return try await registry.legacyImages.image(id, by: passage(to: id))
    }

    /// By what right an image is shown to whoever sent the request.
    ///
    /// - Throws: ``RegistryError/imageUnknown(_:)`` for one that they may not see, as for one that is not there.
    func passage(to id: V1ImageID) async throws -> ImagePassage {
        if permissions.allowsEverywhere(.pull) { return .anywhere }
        let passage = try await registry.holders.passage(to: id) { permissions.allows(.pull, $0.description) }
        guard let passage else { throw RegistryError.imageUnknown(id) }
        return passage
    }

    /// Any `If-Modified-Since` at all: images never change.
    static func notModified(_ request: RegistryRequest) -> HTTPAnswer? {
        guard request.headers[.ifModifiedSince] != nil else { return nil }
        return HTTPAnswer(.notModified, headers: V1Headers.notModified())
    }

    func id(_ text: String) throws(RegistryError) -> V1ImageID {
        do { return try V1ImageID(parsing: text) } catch { throw .malformedImageID(text) }
    }
}

/// `GET /v1/images/ID/files`: what is in an image's layer.
struct V1FilesHandler: Sendable {
    let registry: Registry
    /// What whoever sent the request may do.
    let permissions: Permissions

    /// A list that docker-registry has stored is answered as it is. That the image's JSON is missing does not matter.
    func answer(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let images = V1ImageHandler(registry: registry, permissions: permissions)
        let id = try images.id(text)
        let passage = try await images.passage(to: id)
        let layer = try await registry.legacyImages.openLayer(of: id, by: passage)
        if let answer = V1ImageHandler.notModified(request) { return answer }
        let stored = passage.isThroughTree ? try await registry.tree.files(id) : nil
        let list = if let stored { stored } else { try await registry.fileLists.list(layer, of: id) }
        return HTTPAnswer(
            .ok,
            headers: V1Headers.cached(.json),
            body: .object(list, range: 0..<list.attributes.byteCount)
        )
    }
}
