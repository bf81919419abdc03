package import ImageModel

extension ProjectedChain {
    /// Projects an image by its schema2 or OCI manifest.
    ///
    /// - Throws: ``UnderivableManifest``: for what is no image, and for layers that are not here or are no tars.
    package init(image manifest: Manifest, configuration: [UInt8]) throws(UnderivableManifest) {
        let layers = try manifest.heldLayers()
        do {
            try self.init(configuration: configuration, layers: layers)
        } catch { throw .unprojectable(error) }
    }

    /// Takes images that came by v1, each with its layer, the root first; never none.
    package init(stored images: [(image: V1Image, layer: Digest)]) {
        self.images = images.map { ProjectedImage(id: $0.image.id, json: $0.image.json, layer: $0.layer) }
    }

    /// The processor that the topmost image names, `amd64` where it names none, as all images of the first years.
    var architecture: String {
        guard let top = images.last, let document = try? JSONText(parsing: top.json),
            let architecture = document["architecture"]?.string, !architecture.isEmpty
        else { return "amd64" }
        return architecture
    }
}
