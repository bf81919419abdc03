package import ImageModel

/// What the registry refuses, whichever protocol asked.
///
/// The adapters of the two protocols say it in their own words; what fails below is a `StorageError`.
package enum RegistryError: Error, Equatable {
    // What was asked for is not well-formed.
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

    // What was asked for is not there.
    case repositoryUnknown(String)
    case manifestUnknown(reference: String, reason: String?)
    case blobUnknown(Digest)
    case uploadUnknown(String)
    case tagUnknown(String)
    case imageUnknown(V1ImageID)
    case imagesUnknown(repository: String)
    case layerUnknown(V1ImageID)

    // What arrived does not fit.
    case digestMismatch(expected: Digest, actual: Digest)
    case manifestBlobsUnknown([Digest])
    case uploadOutOfOrder(byteCount: Int64)
    case uploadInvalid(reason: String)
    case uploadBusy(byteCount: Int64)
    case v1(V1Refusal)
    case rangeUnsatisfiable(byteCount: Int64)
    case preconditionFailed(tag: Tag, current: TagJoin)

    // What cannot be done, or not now.
    case imageInProgress(V1ImageID)
    case unsupported(reason: String)
    case readOnly
    case unavailable(reason: String)
}

/// Why a form of an image cannot be had.
extension RegistryError {
    /// Why a form of an image cannot be had where nothing can be written.
    static let readOnlyReason = "a layer would have to be recompressed for it, and the directory is read-only"

    /// Why a form of an image cannot be had where no more of what is derived can be kept in memory.
    static let memoryReason = "the directory is read-only, and the memory for what is converted from it is full"
}
