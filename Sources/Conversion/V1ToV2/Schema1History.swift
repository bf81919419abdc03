package import ImageModel

/// The chain of images that a schema1 manifest holds, checked and read as Docker 1.10 to 25 do it.
package struct Schema1History: Sendable {
    /// An image of the chain.
    struct Image {
        let image: V1Image
        let record: V1Record
        let layer: Digest
        /// Whether its layer is none, whatever blob it names.
        let isThrowaway: Bool
    }

    /// The images, bottom first; never none.
    let images: [Image]

    /// The layers that the image is made of, bottom first; one may be there several times.
    package var layers: [Digest] { images.filter { !$0.isThrowaway }.map(\.layer) }

    /// Checks the chain of a manifest.
    ///
    /// Neighbours with one id are one image, of which the lower one counts: Docker 1.6 and 1.7 push some twice.
    /// - Throws: ``UnconvertibleImage`` where an engine refuses the manifest.
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
