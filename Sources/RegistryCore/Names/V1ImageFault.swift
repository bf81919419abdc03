package import ImageModel
package import SystemLibraries

/// Why an image cannot be converted, and which image of the chain it is that has the fault.
package struct DamagedImage: Error, Equatable, Sendable, CustomStringConvertible {
    /// The image with the fault: the one that was asked for, or one of its ancestors.
    package let image: V1ImageID
    /// What is wrong with it.
    package let fault: V1ImageFault

    package init(_ image: V1ImageID, _ fault: V1ImageFault) {
        self.image = image
        self.fault = fault
    }

    package var description: String { "image \(image): \(fault)" }
}

/// What can be wrong with an image of a v1 tree.
package enum V1ImageFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no directory, or it is empty.
    case missing
    /// There is no JSON, though there are other files.
    case noJSON
    /// The JSON is not an image's.
    case malformedJSON(reason: String)
    /// The JSON is another image's.
    case wrongID(found: V1ImageID)
    /// The image is its own ancestor.
    case cycle
    /// The chain is longer than any engine can use.
    case tooManyAncestors(limit: Int)
    /// The JSONs of the chain are larger than those of any real image.
    case tooMuchJSON(limit: Int)
    /// The ancestry file tells of other ancestors than the images' own JSON.
    case contradictoryAncestry
    /// The ancestry file names an image twice, which would be its own ancestor.
    case repeatedAncestor(V1ImageID)
    /// The push was never completed.
    case unfinished
    /// There is no layer.
    case noLayer
    /// The layer's bytes are no layer.
    case layer(LayerDamage)
    /// The layer and the JSON do not have the checksum that was stored when they were pushed.
    case checksumMismatch(stored: String)
    /// The layer does not have the digest that the image's manifest names it by.
    case wrongDigest(expected: Digest)
    /// The layer was written to while it was read.
    case changedWhileRead
    /// The chain has no configuration.
    case unconvertible(reason: String)

    /// Whether all of the layer had to be read to find it.
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
        case .tooMuchJSON(let limit): "the json files of it and its ancestors have more than \(limit) bytes together"
        case .contradictoryAncestry: "its ancestry file contradicts the parents that the images name"
        case .repeatedAncestor(let id): "its ancestry file names \(id) twice"
        case .unfinished: "its push was never completed (_inprogress is there)"
        case .noLayer: "its layer is missing"
        case .layer(let damage): "its layer is damaged: \(damage)"
        case .checksumMismatch(let stored): "its layer does not have the stored checksum \(stored)"
        case .wrongDigest(let expected): "its layer does not have the digest \(expected) that its manifest names"
        case .changedWhileRead: "its layer was changed while it was read"
        case .unconvertible(let reason): "its json cannot become a configuration: \(reason)"
        }
    }
}
