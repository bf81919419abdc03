import Conversion
import ImageModel

/// The chain of v1 images that a manifest is.
struct PlacedChain: Sendable {
    /// What the images are made of.
    enum Content: Sendable {
        case schema1(ProjectedChain)
        case image(configuration: [UInt8], layers: [Digest])

        /// The images, the root first: made when they are asked for, as a list of tags needs ids alone.
        func images() throws(UnprojectableImage) -> [ProjectedImage] {
            switch self {
            case .schema1(let chain): chain.images
            case .image(let configuration, let layers):
                try ProjectedChain(configuration: configuration, layers: layers).images
            }
        }
    }

    /// The images' ids, the root first; never none.
    let ids: [V1ImageID]
    /// Whether the ids are an engine's own, as schema1 has them, and not the hash of what they name.
    let hasOwnIDs: Bool
    /// The manifest of the image.
    let place: ProjectionIndex.Place
    /// What the images are made of; nil where it is large, and is to be read again.
    let content: Content?

    /// The chain in a schema1 manifest.
    init(
        _ manifest: Manifest.Schema1,
        of place: ProjectionIndex.Place,
        keepsContent: Bool
    ) throws(UnprojectableImage) {
        let chain = try ProjectedChain(manifest)
        ids = chain.images.map(\.id)
        hasOwnIDs = true
        content = keepsContent ? .schema1(chain) : nil
        self.place = place
    }

    /// The chain that a schema2 or OCI image is seen as.
    init(
        configuration: [UInt8],
        layers: [Digest],
        of place: ProjectionIndex.Place,
        keepsContent: Bool
    ) throws(UnprojectableImage) {
        ids = try ProjectedChain.ids(configuration: configuration, layers: layers)
        hasOwnIDs = false
        content = keepsContent ? .image(configuration: configuration, layers: layers) : nil
        self.place = place
    }
}

/// A projected image and its ancestors.
struct ProjectedLineage: Sendable {
    /// The images, the root first and the image itself last; never none.
    let images: [ProjectedImage]
    /// The repository that they are seen in, whose blobs alone are their layers.
    let repository: RepositoryName
}
