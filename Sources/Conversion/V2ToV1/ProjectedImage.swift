package import ImageModel

/// An image as engines before Docker 1.6 see it, of a chain that never was pushed by v1.
package struct ProjectedImage: Sendable, Equatable {
    /// Its id.
    package let id: V1ImageID
    /// Its JSON, always the same bytes.
    package let json: [UInt8]
    /// The digest of its layer as it is stored; ``EmptyLayer/digest`` for one that changes no file.
    package let layer: Digest
}

/// Why an image cannot be seen as a v1 chain.
package enum UnprojectableImage: Error, Equatable, CustomStringConvertible {
    /// Its configuration is no JSON object.
    case malformedConfiguration
    /// A `v1Compatibility` of its schema1 manifest is no v1 image; which one, from the top.
    case malformedHistory(index: Int, MalformedV1Image)
    /// An entry of its schema1 manifest does not name the next one as its parent; which one, from the top.
    case brokenChain(index: Int)
    /// It has neither layers nor history.
    case empty
    /// It has more layers or more steps of its history than any engine takes.
    case tooLong(limit: Int)

    package var description: String {
        switch self {
        case .malformedConfiguration: "its configuration is no JSON object"
        case .malformedHistory(let index, let error): "entry \(index) of its history is no v1 image: \(error)"
        case .brokenChain(let index): "entry \(index) of its history does not name the next as its parent"
        case .empty: "it has neither layers nor history"
        case .tooLong(let limit): "it has more than \(limit) layers or entries of its history"
        }
    }
}
