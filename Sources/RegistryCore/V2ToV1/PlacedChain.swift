import Conversion
import ImageModel

/// The chain of v1 images that a manifest is presented as.
struct PlacedChain: Sendable {
    /// The source from which the images are built.
    enum Content: Sendable {
        case schema1(ProjectedChain)
        case image(configuration: [UInt8], layers: [Digest])

        /// The images, root first. Built on demand: listing tags only needs their ids.
        func images() throws(UnprojectableImage) -> [ProjectedImage] {
            switch self {
            case .schema1(let chain): chain.images
            case .image(let configuration, let layers):
                try ProjectedChain(configuration: configuration, layers: layers).images
            }
        }
    }

    /// The images' ids, root first; never empty.
    let ids: [V1ImageID]
    /// Whether the ids were assigned by an engine, as in schema1, rather than being hashes of the content.
    let hasOwnIDs: Bool
    /// The manifest of the image.
    let place: ProjectionIndex.Place
    /// The source from which the images are built; nil if it is large and has to be read again.
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

    /// The chain that a schema2 or OCI image is presented as.
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
    /// The images, root first, the image itself last; never empty.
    let images: [ProjectedImage]
    /// The repository they are in. Their layers are read from its blobs only.
    let repository: RepositoryName
}
