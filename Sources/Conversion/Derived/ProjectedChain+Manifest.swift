package import ImageModel

extension ProjectedChain {
    /// Converts an image from its schema2 or OCI manifest.
    ///
    /// - Throws: ``UnderivableManifest`` if it is not an image, or has foreign layers or layers that are not tars.
    package init(image manifest: Manifest, configuration: [UInt8]) throws(UnderivableManifest) {
        let layers = try manifest.heldLayers()
        do {
            try self.init(configuration: configuration, layers: layers)
        } catch { throw .unprojectable(error) }
    }

    /// Takes images that were pushed through v1, each with its layer, root first; must not be empty.
    package init(stored images: [(image: V1Image, layer: Digest)]) {
        self.images = images.map { image, layer in
            ProjectedImage(id: image.id, json: Self.withoutThrowaway(image.json), layer: layer)
        }
    }

    /// A v1 image's JSON without `throwaway`, which is meaningless in v1 but means in schema1 that the image has no
    /// layer.
    private static func withoutThrowaway(_ json: [UInt8]) -> [UInt8] {
        guard let members = try? JSONText(parsing: json).members else { return json }
        let kept = members.filter { $0.key.lowercased() != "throwaway" }
        guard kept.count < members.count else { return json }
        var writer = JSONWriter(.go)
        writer.object { writer in
            for member in kept {
                writer.key(member.key)
                writer.raw(member.value.compacted(escapingHTML: true))
            }
        }
        return writer.bytes
    }

    /// The CPU architecture of the topmost image; `amd64` if it has none, as in all early images.
    var architecture: String {
        guard let top = images.last, let document = try? JSONText(parsing: top.json),
            let architecture = document["architecture"]?.string, !architecture.isEmpty
        else { return "amd64" }
        return architecture
    }
}
