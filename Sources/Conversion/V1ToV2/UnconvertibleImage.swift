package import ImageModel

/// The reason why a v1 chain, or the chain of a schema1 manifest, cannot be converted to a v2 image.
package enum UnconvertibleImage: Error, Equatable, CustomStringConvertible {
    /// The chain has no images.
    case emptyChain
    /// A field of an image's JSON has a type that Docker does not accept.
    case malformedImage(V1ImageID, GoTypeMismatch)
    /// A history entry of a schema1 manifest is not a v1 image; carries the index from the top.
    case malformedHistory(index: Int, MalformedV1Image)
    /// An image of a schema1 manifest does not name the image below it as its parent.
    case brokenChain(V1ImageID, parent: V1ImageID?, expected: V1ImageID?)
    /// An image appears twice in a schema1 manifest, not adjacently.
    case repeatedImage(V1ImageID)
    /// No facts are known about a layer of a schema1 manifest.
    case layerUnknown(Digest)

    package var description: String {
        switch self {
        case .emptyChain: "the chain is empty"
        case .malformedImage(let id, let mismatch): "Docker cannot read the json of image \(id): \(mismatch)"
        case .malformedHistory(let index, let error): "entry \(index) of the history is not a v1 image: \(error)"
        case .brokenChain(let id, let parent, let expected):
            "image \(id): expected the parent \(Self.name(expected)), found \(Self.name(parent))"
        case .repeatedImage(let id): "image \(id) appears twice in the history"
        case .layerUnknown(let digest): "unknown layer \(digest)"
        }
    }

    private static func name(_ id: V1ImageID?) -> String { id?.description ?? "none" }
}
