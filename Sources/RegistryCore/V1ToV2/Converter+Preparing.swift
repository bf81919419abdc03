import ImageModel
import Logging

extension Converter {
    /// Starts reading the layers of an image and its ancestors, so that tagging a child need not wait for them.
    func prepare(_ image: V1ImageID) async {
        guard !isOff else { return }
        let tree = tree
        let layers = layers
        let work = layerWork
        let slots = slots
        let logger = logger
        Task {
            do {
                guard try await !layers.isRecorded(image) else { return }
                for image in try await V1Chain(of: image, in: tree).images {
                    await work.begin(image.id) {
                        try await slots.perform { try await layers.importLayer(of: image).record }
                    }
                }
            } catch {
                // A pull of a tag that needs the image meets the same error and reports it to the client.
                logger.debug("cannot read ancestors ahead", metadata: ["image": "\(image)", "error": "\(error)"])
            }
        }
    }
}
