import Conversion
import ImageModel

extension FuzzTarget {
    /// The JSON of a v1 image, and the v2 image it becomes.
    static let v1Image = FuzzTarget("v1-image") { input in
        guard let image = try? V1Image(parsing: input) else { return }
        try require(image.json == input, "an image keeps its bytes")
        let blob = Descriptor(mediaType: .dockerLayerGzip, digest: FuzzWorld.digest, size: 10)
        let chain = [V1Layer(image: image, blob: blob, diffID: FuzzWorld.digest)]
        for format in ImageFormat.allCases { try readable(try? ConvertedImage(chain: chain, format: format)) }
        let stored = ProjectedChain(stored: [(image, FuzzWorld.digest)])
        try require(try V1Image(parsing: stored.images[0].json).id == image.id, "an image keeps its id")
        try signable(stored)
    }
}
