package import ImageModel

/// Why a v1 chain has no schema2 image.
package enum UnconvertibleImage: Error, Equatable, CustomStringConvertible {
    /// There is no image in the chain.
    case emptyChain
    /// A field of an image's JSON has a type that Docker's record does not take.
    case malformedImage(V1ImageID, GoTypeMismatch)

    package var description: String {
        switch self {
        case .emptyChain: "the chain is empty"
        case .malformedImage(let id, let mismatch): "the json of image \(id) cannot be read by Docker: \(mismatch)"
        }
    }
}
