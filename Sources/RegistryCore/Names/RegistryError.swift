package import ImageModel

/// A request that the registry refuses, in either protocol.
///
/// The adapters of the two protocols translate it; failures below this layer are `StorageError`s.
package enum RegistryError: Error, Equatable {
    // Malformed requests.
    case malformedName(String)
    case malformedDigest(String)
    case malformedTag(String)
    case malformedTags([String])
    case malformedImageID(String)
    case malformedManifest(reason: String)
    case unverifiedManifest(reason: String)
    case malformedRange(String)
    case malformedPageSize(String)
    case pageTooLarge(Int, limit: Int)
    case manifestTooLarge(limit: Int)
    case documentTooLarge(limit: Int)

    // Missing content.
    case repositoryUnknown(String)
    case manifestUnknown(reference: String, reason: String?)
    case blobUnknown(Digest)
    case uploadUnknown(String)
    case tagUnknown(String)
    case imageUnknown(V1ImageID)
    case imagesUnknown(repository: String)
    case layerUnknown(V1ImageID)

    // Content that conflicts with what is stored or announced.
    case digestMismatch(expected: Digest, actual: Digest)
    case manifestBlobsUnknown([Digest])
    case uploadOutOfOrder(byteCount: Int64)
    case uploadInvalid(reason: String)
    case uploadBusy(byteCount: Int64)
    case v1(V1Refusal)
    case rangeUnsatisfiable(byteCount: Int64)
    case preconditionFailed(tag: Tag, current: TagJoin)

    // Operations that are impossible, or temporarily unavailable.
    case imageInProgress(V1ImageID)
    case unsupported(reason: String)
    case readOnly
    case unavailable(reason: String)
}

/// Reasons why an image cannot be converted.
extension RegistryError {
    /// The reason if conversion would have to write, but the directory is read-only.
    static let readOnlyReason = "read-only directory: a layer would have to be recompressed"

    /// The reason if the in-memory store for converted images is full.
    static let memoryReason = "read-only directory: the in-memory store for converted images is full"
}
