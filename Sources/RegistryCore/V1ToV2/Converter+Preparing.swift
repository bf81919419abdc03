import ImageModel
import Logging
import Storage

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

    /// Records the push that ends with the conversion of its image, if the tag was set before the conversion was done.
    func recordPush(
        of image: ConvertedV1Image,
        as tag: Tag,
        in name: RepositoryName,
        _ batch: inout WriteBatch
    ) async throws -> RecordedEvents {
        guard events.recorder != nil else { return .none }
        let key = OwnLayout.unfinishedPush(tag, in: name)
        let push = try await JSONFile(storage: tree.storage).read(UnfinishedPush.self, from: key)
        guard let push, push.image == image.id.description else { return .none }
        batch.remove(key)
        let change = RegistryEvent.Change.manifestPushed(ManifestSummary(image.image), tags: [tag])
        return events.record([change], in: name, by: push.actor, &batch)
    }
}
