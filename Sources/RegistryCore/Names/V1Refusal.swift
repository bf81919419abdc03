package import ImageModel

/// A refusal specific to the v1 API, because v2 has no such request.
package enum V1Refusal: Error, Equatable, Sendable {
    // Documents sent by v1 clients.
    /// The body should be JSON, but is not.
    case undecodableBody
    /// The body is JSON, but not what the request needs: a list of images, a tag's image id, an access.
    case unexpectedBody
    /// An image's JSON is not an object, or is empty.
    case malformedImageJSON
    /// An image's JSON has no id.
    case imageIDMissing
    /// An image's JSON has the id of another image.
    case imageIDMismatch
    /// The image's parent has not been pushed.
    case parentUnknown

    // The order of requests when pushing an image.
    /// The image is complete: none of it may be replaced.
    case imageExists(V1ImageID)
    /// The image is complete: no checksum is expected.
    case checksumNotExpected(V1ImageID)
    /// The checksum header is missing.
    case checksumHeaderMissing
    /// The checksum header is empty.
    case checksumEmpty
    /// No combination of a pushed JSON and layer matches the checksum.
    case checksumMismatch(V1ImageID)

    // Requests about a repository or an image.
    /// The id to be tagged is not an image id.
    case taggedImageUnknown(String)
    /// The tag to be deleted does not exist.
    case tagToDeleteUnknown(String)
    /// The layer is not a tar in any known compression.
    case layerUnreadable(V1ImageID)
    /// The layer may be valid, but listing its files exceeds this registry's limits.
    case layerUnlistable(V1ImageID, reason: String)
    /// Diffs between images require docker-registry's work queue, which this registry does not have.
    case diffUnavailable
}
