import ImageModel
import RegistryCore
import Storage

extension RegistryError {
    /// The refusal or failure as a sentence for an operator.
    var sentence: String {
        switch self {
        case .malformedName(let text): "'\(text)' is not a repository name"
        case .malformedDigest(let text): "'\(text)' is not a digest"
        case .malformedTag(let text): "'\(text)' is not a tag"
        case .malformedTags(let texts): "invalid tags: \(texts.joined(separator: ", "))"
        case .malformedImageID(let text): "'\(text)' is not an image id"
        case .malformedManifest(let reason): "the manifest is invalid: \(reason)"
        case .unverifiedManifest(let reason): "the manifest cannot be verified: \(reason)"
        case .malformedRange(let text): "'\(text)' is not a range"
        case .malformedPageSize(let text): "'\(text)' is not a number of results"
        case .pageTooLarge(let count, let limit): "\(count) results are more than the \(limit) allowed"
        case .manifestTooLarge(let limit), .documentTooLarge(let limit): "it is larger than \(limit) bytes"
        case .repositoryUnknown(let name), .imagesUnknown(let name): "there is no repository \(name)"
        case .manifestUnknown(let reference, let reason):
            "there is no manifest \(reference)" + (reason.map { ": \($0)" } ?? "")
        case .blobUnknown(let digest): "there is no blob \(digest)"
        case .uploadUnknown(let id): "there is no upload \(id)"
        case .tagUnknown(let tag): "there is no tag \(tag)"
        case .imageUnknown(let id): "there is no image \(id)"
        case .layerUnknown(let id): "image \(id) has no layer"
        case .digestMismatch(let expected, let actual): "the content has the digest \(actual), not \(expected)"
        case .manifestBlobsUnknown(let digests):
            "the manifest refers to missing content: \(digests.map(\.description).joined(separator: ", "))"
        case .uploadOutOfOrder(let count), .rangeUnsatisfiable(let count): "the content has \(count) bytes"
        case .uploadInvalid(let reason), .unsupported(let reason), .unavailable(let reason): reason
        case .uploadBusy: "a request is writing to this upload"
        case .v1: "the v1 protocol refuses this"
        case .preconditionFailed(let tag, _): "the tag \(tag) was changed meanwhile"
        case .tagImmutable(let tag, let rule): "the tag \(tag) is immutable by the rule '\(rule)'"
        case .imageInProgress(let id): "image \(id) is being uploaded"
        case .readOnly: "the registry is read-only"
        case .storage(let failure): failure.description
        case .cancelled: "the command was interrupted"
        case .foreign(let failure): Explanation.of(failure.error)
        }
    }
}
