package import ImageModel

/// One image of a v1 chain, with its layer as the manifest shall name it.
package struct V1Layer: Sendable {
    /// The image.
    package let image: V1Image
    /// The layer's blob: media type, digest and size as they are to stand in the manifest.
    package let blob: Descriptor
    /// The digest of the layer's uncompressed tar.
    package let diffID: Digest

    /// Joins an image with its layer.
    package init(image: V1Image, blob: Descriptor, diffID: Digest) {
        self.image = image
        self.blob = blob
        self.diffID = diffID
    }
}
