import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// Receives pushes of v1 images: JSON, layer and checksum.
struct V1PushHandler: Sendable {
    let registry: Registry
    /// The pusher; nil for a caller who may read everything.
    let pusher: ImagePusher?

    /// `PUT /v1/images/ID/json`
    func json(_ request: RegistryRequest, _ text: String) async throws -> RegistryResponse {
        let id = try id(text)
        try await request.withDocument { try await registry.pushes.begin(id, json: $0, by: pusher) }
        return done
    }

    /// `PUT /v1/images/ID/layer`
    ///
    /// A layer that is cut off gets the same response as a complete one, as in docker-registry, in case the client
    /// still listens: its checksum will not match.
    func layer(_ request: RegistryRequest, _ text: String) async throws -> RegistryResponse {
        do {
            try await registry.pushes.receive(layer: request.body, of: id(text), by: pusher)
        } catch {
            guard case .connectionLost = RequestFailure(error) else { throw error }
        }
        return done
    }

    /// `PUT /v1/images/ID/checksum`
    func checksum(_ request: RegistryRequest, _ text: String) async throws -> RegistryResponse {
        let agent = ClientAgent(request.headers[.userAgent])
        let checksum = PushChecksum(
            payload: request.headers[.payloadChecksum],
            tarsum: request.headers[.dockerChecksum],
            isFromOldClient: agent.docker.map { $0 < .firstWithPayloadChecksum } ?? false
        )
        try await registry.pushes.complete(id(text), checksum, by: pusher)
        return done
    }

    private var done: RegistryResponse { RegistryResponse(v1Status: 200, json: .boolean(true)) }

    private func id(_ text: String) throws(RegistryError) -> V1ImageID {
        do { return try V1ImageID(parsing: text) } catch { throw .malformedImageID(text) }
    }
}

extension RegistryRequest {
    /// Passes the JSON document of a v1 client to `work`, whatever its content type: curl labels everything a form.
    ///
    /// - Throws: ``RegistryError/documentTooLarge(limit:)``.
    func withDocument<Value>(_ work: (ByteBuffer) async throws -> Value) async throws -> Value {
        do {
            return try await body.withDocument(upTo: Manifests.byteLimit, work)
        } catch is BodyTooLarge {
            throw RegistryError.documentTooLarge(limit: Manifests.byteLimit)
        }
    }
}

extension HTTPField.Name {
    /// The tarsum of a layer.
    static let dockerChecksum = known("X-Docker-Checksum")
}
