import Conversion
import ImageModel

/// A projected image and its ancestors.
struct ProjectedLineage: Sendable {
    /// The images, the root first and the image itself last; never none.
    let images: [ProjectedImage]
    /// The repository that they are seen in, whose blobs alone are their layers.
    let repository: RepositoryName
}
