package import ImageModel

extension ProjectedChain {
    /// Projects an image by its schema2 or OCI manifest.
    ///
    /// - Throws: ``UnderivableManifest``: for what is no image, and for layers that are not here or are no tars.
    package init(image manifest: Manifest, configuration: [UInt8]) throws(UnderivableManifest) {
        _ = try manifest.imageConfiguration()
        for layer in manifest.layers {
            guard let type = LayerMediaType(layer.mediaType) else { throw .foreignContent(layer.mediaType) }
            guard !type.isForeign else { throw .layerElsewhere(layer.digest) }
        }
        do {
            try self.init(configuration: configuration, layers: manifest.layers.map(\.digest))
        } catch { throw .unprojectable(error) }
    }

    /// The processor that the topmost image names, `amd64` where it names none, as all images of the first years.
    var architecture: String {
        guard let top = images.last, let document = try? JSONText(parsing: top.json),
            let architecture = document["architecture"]?.string, !architecture.isEmpty
        else { return "amd64" }
        return architecture
    }
}
