package import ImageModel

/// What the registry refuses of a v1 client alone, because v2 has no such request.
package enum V1Refusal: Error, Equatable, Sendable {
    // The documents that v1 clients send.
    /// The body should be JSON of any kind, and is none.
    case undecodableBody
    /// The body is JSON, but not what the request needs: a list of images, a tag's image id, an access.
    case unexpectedBody
    /// An image's JSON is no JSON object, or an empty one.
    case malformedImageJSON
    /// An image's JSON does not say which image it is.
    case imageIDMissing
    /// An image's JSON is another image's.
    case imageIDMismatch
    /// The image's parent has not been pushed.
    case parentUnknown

    // The order in which an image is pushed.
    /// The image is complete: nothing of it may be replaced.
    case imageExists(V1ImageID)
    /// The image is complete: it needs no checksum.
    case checksumNotExpected(V1ImageID)
    /// The header that names the checksum was not sent.
    case checksumHeaderMissing
    /// The header that names the checksum is empty.
    case checksumEmpty
    /// No pair of a JSON and a layer that was pushed has the checksum.
    case checksumMismatch(V1ImageID)

    // What can be asked of a repository or an image.
    /// What should be tagged is no image id.
    case taggedImageUnknown(String)
    /// There is no tag of that name to be deleted.
    case tagToDeleteUnknown(String)
    /// The layer is no tar in any compression that is known.
    case layerUnreadable(V1ImageID)
    /// The layer may be whole, but to list its files is more than this registry does for anybody.
    case layerUnlistable(V1ImageID, reason: String)
    /// Differences between images were worked out by a queue that this registry does not have.
    case diffUnavailable
}
