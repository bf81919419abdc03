package import ImageModel

/// The chain of images in a schema1 manifest, validated and parsed like Docker 1.10 to 25 do.
package struct Schema1History: Sendable {
    /// An image in the chain.
    struct Image {
        let image: V1Image
        let record: V1Record
        let layer: Digest
        /// Whether the image has no layer of its own, whatever blob it references.
        let isThrowaway: Bool
    }

    /// The images, bottom first; never empty.
    let images: [Image]

    /// The layers of the image, bottom first; a layer may appear several times.
    package var layers: [Digest] { images.filter { !$0.isThrowaway }.map(\.layer) }

    /// Validates the chain of a manifest.
    ///
    /// Adjacent entries with the same id are one image, and the lower one counts: Docker 1.6 and 1.7 push some twice.
    /// - Throws: ``UnconvertibleImage`` if an engine would reject the manifest.
    package init(_ manifest: Manifest.Schema1) throws(UnconvertibleImage) {
        var images: [Image] = []
        var seen: Set<V1ImageID> = []
        for (index, text) in manifest.history.enumerated().reversed() {
            let image = try Self.image(text, layer: manifest.layers[index], index: index)
            let id = image.image.id
            if id == images.last?.image.id { continue }
            guard seen.insert(id).inserted else { throw .repeatedImage(id) }
            guard image.image.parent == images.last?.image.id else {
                throw .brokenChain(id, parent: image.image.parent, expected: images.last?.image.id)
            }
            images.append(image)
        }
        guard !images.isEmpty else { throw .emptyChain }
        self.images = images
    }

    private static func image(_ text: String, layer: Digest, index: Int) throws(UnconvertibleImage) -> Image {
        let image: V1Image
        do { image = try V1Image(parsing: Array(text.utf8)) } catch { throw .malformedHistory(index: index, error) }
        do {
            var flags = GoRecord.throwaway
            try flags.assign(image.document)
            return Image(
                image: image,
                record: try V1Record(image),
                layer: layer,
                isThrowaway: flags.boolean("throwaway")
            )
        } catch { throw .malformedImage(image.id, error) }
    }
}
