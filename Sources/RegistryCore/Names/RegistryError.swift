package import ImageModel
package import Storage

/// A refusal or failure of the registry: the only type of error that its API throws.
///
/// Each protocol renders it in a switch without a default, so a new case does not compile until both handle it.
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

    // Failures, as opposed to refusals.
    case storage(StorageError)
    case cancelled
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
