import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore
import Storage

/// The images of v1, as clients pull them.
struct V1ImageHandler: Sendable {
    let registry: Registry

    /// `GET /v1/images/ID/json`: the stored bytes, with the layer's size and the stored checksums.
    func json(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let id = try await completeImage(text)
        guard let json = try await registry.tree.json(id) else { throw RegistryError.imageUnknown(id) }
        if let answer = notModified(request) { return answer }
        var headers = V1Headers.cached(.json)
        if let layer = try await registry.tree.layerAttributes(id) { headers[.dockerSize] = "\(layer.byteCount)" }
        if let bytes = try await registry.tree.checksum(id),
            let checksum = try? V1Checksum(parsing: Array(buffer: bytes))
        {
            for value in checksum.all { headers.append(HTTPField(name: .payloadChecksum, value: value)) }
        }
        return HTTPAnswer(v1Document: json, headers: headers)
    }

    /// `GET /v1/images/ID/ancestry`: the ids from the image to its root.
    ///
    /// The file is answered as it is; where it is missing or is no list, the images themselves tell.
    func ancestry(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let id = try await completeImage(text)
        guard try await registry.tree.json(id) != nil else { throw RegistryError.imageUnknown(id) }
        if let answer = notModified(request) { return answer }
        let stored = try await registry.tree.ancestry(id).flatMap { try? JSONValue(parsing: $0.readableBytesView) }
        let ids = if let stored, stored.array != nil { stored } else { try await ancestors(of: id) }
        return HTTPAnswer(v1Status: 200, json: ids, headers: V1Headers.cached(.json))
    }

    private func ancestors(of id: V1ImageID) async throws -> JSONValue {
        do {
            let chain = try await V1Chain(of: id, in: registry.tree)
            return .array(chain.images.reversed().map { .string($0.id.description) })
        } catch let damage as DamagedImage {
            throw RegistryError.imageUnknown(damage.image)
        }
    }

    /// `GET /v1/images/ID/layer`: the stored bytes, or the range of them that is asked for.
    func layer(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let id = try await completeImage(text)
        guard let reader = try await registry.tree.openLayer(id) else { throw RegistryError.layerUnknown(id) }
        if let answer = notModified(request) { return answer }
        let byteCount = reader.attributes.byteCount
        var answer = HTTPAnswer(.ok, headers: V1Headers.cached(.octetStream))
        answer.headers[.acceptRanges] = "bytes"
        switch ByteRange(header: request.headers[.range], byteCount: byteCount) {
        case .whole: answer.body = .object(reader, range: 0..<byteCount)
        case .part(let range):
            answer.status = .partialContent
            answer.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(byteCount)"
            answer.body = .object(reader, range: range)
        case .unsatisfiable: throw RegistryError.rangeUnsatisfiable(byteCount: byteCount)
        }
        return answer
    }

    private func completeImage(_ text: String) async throws -> V1ImageID {
        guard let id = try? V1ImageID(parsing: text) else { throw RegistryError.malformedImageID(text) }
        guard try await !registry.tree.isInProgress(id) else { throw RegistryError.imageInProgress(id) }
        return id
    }

    /// Any `If-Modified-Since` at all: images never change.
    private func notModified(_ request: RegistryRequest) -> HTTPAnswer? {
        guard request.headers[.ifModifiedSince] != nil else { return nil }
        return HTTPAnswer(.notModified, headers: V1Headers.notModified())
    }
}
