package import ImageModel

/// An image as presented to engines before Docker 1.6, from a chain that was never pushed through v1.
package struct ProjectedImage: Sendable, Equatable {
    /// Its id.
    package let id: V1ImageID
    /// Its JSON, which is reproducible.
    package let json: [UInt8]
    /// The digest of its stored layer; ``EmptyLayer/digest`` for an image that changes no files.
    package let layer: Digest
}

/// The reason why an image cannot be presented as a v1 chain.
package enum UnprojectableImage: Error, Equatable, CustomStringConvertible {
    /// Its configuration is not a JSON object.
    case malformedConfiguration
    /// A `v1Compatibility` of its schema1 manifest is not a v1 image; carries the index from the top.
    case malformedHistory(index: Int, MalformedV1Image)
    /// An entry of its schema1 manifest does not name the next one as its parent; carries the index from the top.
    case brokenChain(index: Int)
    /// It has neither layers nor history.
    case empty
    /// It has more layers or history entries than any engine accepts.
    case tooLong(limit: Int)

    package var description: String {
        switch self {
        case .malformedConfiguration: "its configuration is not a JSON object"
        case .malformedHistory(let index, let error): "entry \(index) of its history is not a v1 image: \(error)"
        case .brokenChain(let index): "entry \(index) of its history does not name the next as its parent"
        case .empty: "it has neither layers nor history"
        case .tooLong(let limit): "it has more than \(limit) layers or history entries"
        }
    }
}
