package import ImageModel
package import Storage

/// A refusal or failure of the registry: the only type of error that its API throws.
///
/// Each protocol renders it in a switch without a default, so a new case does not compile until both handle it.
package enum RegistryError: Error, Equatable {
    // Malformed requests.
    /// A repository name that breaks the rules for names.
    case malformedName(String)
    /// A digest that cannot be parsed, or has an unsupported algorithm.
    case malformedDigest(String)
    /// A tag that breaks the rules for tags.
    case malformedTag(String)
    /// Several such tags, given in one request.
    case malformedTags([String])
    /// A v1 image id that is not 64 hexadecimal digits.
    case malformedImageID(String)
    /// A manifest that cannot be parsed, or breaks the rules of its media type.
    case malformedManifest(reason: String)
    /// A schema1 manifest whose signatures are missing or wrong.
    case unverifiedManifest(reason: String)
    /// A `Content-Range` that cannot be parsed.
    case malformedRange(String)
    /// A page size (`n`) that is not a number.
    case malformedPageSize(String)
    /// A page size above the configured limit.
    case pageTooLarge(Int, limit: Int)
    /// A manifest above the limit, in bytes.
    case manifestTooLarge(limit: Int)
    /// Another JSON document above the limit, in bytes.
    case documentTooLarge(limit: Int)

    // Missing content.
    /// There is no such repository.
    case repositoryUnknown(String)
    /// The repository has no such manifest, or no form of it that the client accepts.
    case manifestUnknown(reference: String, reason: String?)
    /// The repository has no such blob.
    case blobUnknown(Digest)
    /// There is no such upload: it ended, was abandoned, or never began.
    case uploadUnknown(String)
    /// The repository has no such v1 tag.
    case tagUnknown(String)
    /// There is no such v1 image, or the caller may not see it.
    case imageUnknown(V1ImageID)
    /// The repository has no list of v1 images.
    case imagesUnknown(repository: String)
    /// The v1 image has no layer.
    case layerUnknown(V1ImageID)

    // Content that conflicts with what is stored or announced.
    /// The content has another digest than the client announced.
    case digestMismatch(expected: Digest, actual: Digest)
    /// A pushed manifest references blobs or manifests that the repository does not have.
    case manifestBlobsUnknown([Digest])
    /// A chunk does not begin where the upload ends, after `byteCount` bytes.
    case uploadOutOfOrder(byteCount: Int64)
    /// An upload cannot be completed or continued as requested.
    case uploadInvalid(reason: String)
    /// Another request is writing to the upload, which has `byteCount` bytes.
    case uploadBusy(byteCount: Int64)
    /// A refusal that only v1 has.
    case v1(V1Refusal)
    /// A requested range lies outside the content, which has `byteCount` bytes.
    case rangeUnsatisfiable(byteCount: Int64)
    /// The tag does not have the target that the client made a condition.
    case preconditionFailed(tag: Tag, current: TagJoin)
    /// A rule makes the tag immutable, and it would be pointed elsewhere, be deleted, or lose content that it names.
    case tagImmutable(tag: String, rule: ImmutabilityRule)

    // Operations that are impossible, or temporarily unavailable.
    /// The v1 image is still being pushed.
    case imageInProgress(V1ImageID)
    /// The registry does not offer this operation.
    case unsupported(reason: String)
    /// The registry is read-only.
    case readOnly
    /// Temporarily impossible; the client may try again.
    case unavailable(reason: String)

    // Failures, as opposed to refusals.
    /// The storage failed.
    case storage(StorageError)
    /// The request was cancelled.
    case cancelled
    /// An error of another kind.
    case foreign(ForeignError)
}

/// An error of another kind: thrown by a stream of the caller, or caused by a defect.
package struct ForeignError: Error, Equatable, CustomStringConvertible {
    /// The original error.
    package let error: any Error

    package var description: String { "\(error)" }

    package static func == (left: Self, right: Self) -> Bool { left.description == right.description }
}

extension RegistryError {
    /// Converts an error thrown inside the registry, or by a stream it was reading.
    package init(_ error: any Error) {
        switch error {
        case let error as RegistryError: self = error
        case let error as StorageError: self = .storage(error)
        case is CancellationError: self = .cancelled
        default: self = .foreign(ForeignError(error: error))
        }
    }

    /// Runs `work` and converts its errors. Every public function of the registry does this once, outermost.
    static func translating<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ work: () async throws -> Value
    ) async throws(RegistryError) -> Value {
        do { return try await work() } catch { throw RegistryError(error) }
    }
}

/// Reasons why an image cannot be converted.
extension RegistryError {
    /// The reason if conversion would have to write, but the directory is read-only.
    static let readOnlyReason = "read-only directory: a layer would have to be recompressed"

    /// The reason if the in-memory store for converted images is full.
    static let memoryReason = "read-only directory: the in-memory store for converted images is full"
}
