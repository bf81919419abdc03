package import ImageModel

/// A layer of a chain, once it was read and is a blob.
package struct ReadLayer: Sendable {
    /// The image of v1 whose layer it is.
    package let image: V1ImageID
    package let blob: Descriptor
    package let diffID: Digest
}
