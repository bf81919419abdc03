package import ImageModel
import RegistryCore
import Storage

/// A tag that v2 has now.
package struct ConvertedTag: Sendable {
    /// How it came to be there.
    package enum Outcome: String, Codable, Sendable {
        /// It was converted in this run.
        case converted
        /// An earlier run had converted it, and nothing has changed since.
        case unchanged
        /// v2 had a newer image under that name, which stays.
        case kept
    }

    package let tag: SurveyedTag
    /// The digest of the configuration, which Docker shows as the image's id; nil for what has none.
    package let imageID: Digest?
    /// The digest of the manifest.
    package let manifest: Digest
    package let outcome: Outcome
}

/// What a migration did.
package struct MigrationResult: Sendable {
    /// What was surveyed.
    package let survey: TreeSurvey
    /// What was planned.
    package let plan: MigrationPlan
    /// The tags that v2 has now.
    package private(set) var tags: [ConvertedTag] = []
    /// The tags that it has not, and why: what the survey found, and what reading the layers did.
    package private(set) var failures: [FailedTag]
    /// What is out of order in the source and did no harm.
    package private(set) var notices: [SourceNotice]
    /// The images that have a fault, by id.
    package private(set) var damages: [V1ImageID: any Error] = [:]
    /// The bytes that were linked, copied or recompressed into blobs that were not there before.
    package private(set) var linkedByteCount: Int64 = 0
    package private(set) var copiedByteCount: Int64 = 0
    /// The bytes of layers that were read and found to be blobs already.
    package private(set) var sharedByteCount: Int64 = 0
    /// The bytes that were read and hashed.
    package private(set) var readByteCount: Int64 = 0

    init(_ survey: TreeSurvey, _ plan: MigrationPlan) {
        self.survey = survey
        self.plan = plan
        self.failures = survey.failures
        self.notices = survey.notices
        for failure in survey.failures {
            if let image = failure.image { damages[image] = SurveyedDamage(reason: failure.reason) }
        }
    }

    /// Whether every tag of the source is in v2 now.
    package var isComplete: Bool { failures.isEmpty }

    /// Whether there was nothing to do.
    ///
    /// Layers that are damaged are read again by every run, which changes nothing.
    package var changedNothing: Bool { !tags.contains { $0.outcome == .converted } && readByteCount == 0 }

    mutating func add(_ outcome: Result<LayerImport, any Error>, of id: V1ImageID) {
        switch outcome {
        case .failure(let error): damages[id] = error
        case .success(let layer):
            let byteCount = layer.record.source.byteCount
            if layer.placement != .known { readByteCount += byteCount }
            switch layer.placement {
            case .known: break
            case .shared: sharedByteCount += byteCount
            case .recompressed: copiedByteCount += layer.record.blobByteCount
            case .placed(.hardLink), .placed(.alreadyThere), .placed(.freshCopyLinked): linkedByteCount += byteCount
            case .placed(.copy), .placed(.reflink): copiedByteCount += byteCount
            }
            notices += layer.notices.map { SourceNotice(subject: "image \(id)", text: $0.description) }
        }
    }

    mutating func add(_ outcome: Result<ConvertedTag, any Error>, of tag: SurveyedTag) {
        switch outcome {
        case .success(let converted): tags.append(converted)
        case .failure(let error):
            let failure = FailedTag(tag.legacyName, tag.tag.description, error)
            failures.append(failure)
            if let image = failure.image, damages[image] == nil { damages[image] = error }
        }
    }
}

/// A fault of an image that the survey found.
private struct SurveyedDamage: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
