import HTTPTypes
import ImageModel
import RegistryCore
import Storage

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
