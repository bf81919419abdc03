package import ImageModel
package import SystemLibraries

/// The reason why an image cannot be converted, and the image of the chain that causes it.
package struct DamagedImage: Error, Equatable, Sendable, CustomStringConvertible {
    /// The faulty image: the requested one or one of its ancestors.
    package let image: V1ImageID
    /// The fault.
    package let fault: V1ImageFault

    package init(_ image: V1ImageID, _ fault: V1ImageFault) {
        self.image = image
        self.fault = fault
    }

    package var description: String { "image \(image): \(fault)" }
}

/// A fault of an image in a v1 tree.
package enum V1ImageFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Its directory is missing or empty.
    case missing
    /// It has no JSON, but other files.
    case noJSON
    /// Its JSON is not a valid image.
    case malformedJSON(reason: String)
    /// Its JSON belongs to another image.
    case wrongID(found: V1ImageID)
    /// The image is its own ancestor.
    case cycle
    /// The chain is longer than any engine supports.
    case tooManyAncestors(limit: Int)
    /// The JSON of the whole chain is larger than that of any real image.
    case tooMuchJSON(limit: Int)
    /// The ancestry file disagrees with the images' own JSON.
    case contradictoryAncestry
    /// The ancestry file contains an image twice, which would make it its own ancestor.
    case repeatedAncestor(V1ImageID)
    /// The push was never completed.
    case unfinished
    /// It has no layer.
    case noLayer
    /// Its layer is invalid or unreadable.
    case layer(LayerDamage)
    /// The layer and JSON do not match the checksum stored when they were pushed.
    case checksumMismatch(stored: String)
    /// The layer does not match its digest in the image's manifest.
    case wrongDigest(expected: Digest)
    /// The layer was modified while it was read.
    case changedWhileRead
    /// The chain cannot be converted to a configuration.
    case unconvertible(reason: String)

    /// Whether finding the fault required reading the whole layer.
    package var isOfTheLayer: Bool {
        switch self {
        case .layer, .checksumMismatch, .wrongDigest: true
        case .missing, .noJSON, .malformedJSON, .wrongID, .cycle, .tooManyAncestors, .tooMuchJSON,
            .contradictoryAncestry, .repeatedAncestor, .unfinished, .noLayer, .changedWhileRead, .unconvertible:
            false
        }
    }

    package var description: String {
        switch self {
        case .missing: "it is not in the tree"
        case .noJSON: "its json is missing"
        case .malformedJSON(let reason): "its json is damaged: \(reason)"
        case .wrongID(let found): "its json is that of image \(found)"
        case .cycle: "it is its own ancestor"
        case .tooManyAncestors(let limit): "it has more than \(limit) ancestors"
        case .tooMuchJSON(let limit): "its json and that of its ancestors exceed \(limit) bytes in total"
        case .contradictoryAncestry: "its ancestry file contradicts the parents named by the images"
        case .repeatedAncestor(let id): "its ancestry file names \(id) twice"
        case .unfinished: "its push was never completed (_inprogress exists)"
        case .noLayer: "its layer is missing"
        case .layer(let damage): "its layer is damaged: \(damage)"
        case .checksumMismatch(let stored): "its layer does not have the stored checksum \(stored)"
        case .wrongDigest(let expected): "its layer does not have the digest \(expected) given by its manifest"
        case .changedWhileRead: "its layer was changed while it was read"
        case .unconvertible(let reason): "its json cannot be converted to a configuration: \(reason)"
        }
    }
}
