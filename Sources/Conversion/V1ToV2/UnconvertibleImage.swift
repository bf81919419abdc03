package import ImageModel

/// Why a v1 chain, or the chain in a schema1 manifest, has no schema2 image.
package enum UnconvertibleImage: Error, Equatable, CustomStringConvertible {
    /// There is no image in the chain.
    case emptyChain
    /// A field of an image's JSON has a type that Docker's record does not take.
    case malformedImage(V1ImageID, GoTypeMismatch)
    /// An entry of a schema1 manifest's history is no v1 image; which one, from the top.
    case malformedHistory(index: Int, MalformedV1Image)
    /// An image of a schema1 manifest does not name the one below it as its parent.
    case brokenChain(V1ImageID, parent: V1ImageID?, expected: V1ImageID?)
    /// An image stands twice in a schema1 manifest, with others between.
    case repeatedImage(V1ImageID)
    /// Nothing is known of a layer of a schema1 manifest.
    case layerUnknown(Digest)

    package var description: String {
        switch self {
        case .emptyChain: "the chain is empty"
        case .malformedImage(let id, let mismatch): "the json of image \(id) cannot be read by Docker: \(mismatch)"
        case .malformedHistory(let index, let error): "entry \(index) of the history is no v1 image: \(error)"
        case .brokenChain(let id, let parent, let expected):
            "image \(id) has the parent \(Self.name(parent)), but \(Self.name(expected)) stands below it"
        case .repeatedImage(let id): "image \(id) stands twice in the history"
        case .layerUnknown(let digest): "nothing is known of the layer \(digest)"
        }
    }

    private static func name(_ id: V1ImageID?) -> String { id?.description ?? "nothing" }
}
