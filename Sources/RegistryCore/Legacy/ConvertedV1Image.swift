import Conversion
import ImageModel

/// A v1 image, and what it is converted to.
struct ConvertedV1Image: Sendable {
    /// The v1 image.
    let id: V1ImageID
    /// What it is converted to.
    let image: ConvertedImage
    /// The blobs of its layers.
    let layers: [Digest]

    init(_ id: V1ImageID, _ image: ConvertedImage, _ records: some Sequence<LayerRecord>) {
        self.id = id
        self.image = image
        self.layers = records.compactMap { $0.descriptor?.digest }
    }
}

/// What is known of the conversion of a v1 image.
enum V1Conversion: Sendable {
    case done(ConvertedV1Image)
    /// It is v1's alone.
    case impossible
    /// It goes on.
    case unfinished
}
