import Foundation
import ImageModel
import Migration
import RegistryCore

/// The plan as a JSON document: `--plan`.
struct PlanDocument: Encodable {
    struct Amount: Encodable {
        let layers: Int
        let bytes: Int64

        init(_ amount: MigrationPlan.Amount) {
            layers = amount.layerCount
            bytes = amount.byteCount
        }
    }

    struct Copied: Encodable {
        let reason: String
        let layers: Int
        let bytes: Int64
    }

    struct Tag: Encodable {
        let v1Repository: String
        let tag: String
        let v1Image: String
        let repository: String
        let changesName: Bool
    }

    struct FailedTag: Encodable {
        let v1Repository: String
        let tag: String
        let image: String?
        let reason: String
    }

    struct Notice: Encodable {
        let subject: String
        let notice: String
    }

    /// The version of this document's schema: members may be added, but are never removed or redefined.
    let version = 1
    let host: String
    let source: String
    let destination: String
    let made: Date
    let repositories: Int
    let tagsLeftOut: Int
    let images: Int
    let toHash: Amount
    let toLink: Amount
    let toCopy: [Copied]
    let toFetch: Amount
    let toSend: Amount
    let known: Amount
    /// The free bytes on the disk that is copied to; nil when nothing is copied.
    let bytesFree: Int64?
    let estimatedSeconds: Double?
    let unusedPatterns: [String]
    let tags: [Tag]
    let failedTags: [FailedTag]
    let notices: [Notice]

    init(_ preview: MigrationPreview, source: String, destination: String) {
        let (survey, plan) = (preview.survey, preview.plan)
        host = HostName.current
        self.source = source
        self.destination = destination
        made = Date()
        repositories = survey.repositoryCount
        tagsLeftOut = survey.leftOutTagCount
        images = survey.images.count
        toHash = Amount(plan.toHash)
        toLink = Amount(plan.toLink)
        toCopy = plan.toCopy.sorted { $0.key < $1.key }.map { reason, amount in
            Copied(reason: reason, layers: amount.layerCount, bytes: amount.byteCount)
        }
        toFetch = Amount(plan.toFetch)
        toSend = Amount(plan.toSend)
        known = Amount(plan.known)
        bytesFree = preview.freeByteCount
        estimatedSeconds = preview.estimatedSeconds
        unusedPatterns = survey.unusedPatterns
        tags = survey.tags.map { tag in
            Tag(
                v1Repository: tag.v1Name.description,
                tag: tag.tag.description,
                v1Image: tag.image.description,
                repository: tag.name.description,
                changesName: tag.changesName
            )
        }
        failedTags = survey.failures.map { failure in
            FailedTag(
                v1Repository: failure.repository,
                tag: failure.tag,
                image: failure.image?.description,
                reason: failure.reason
            )
        }
        notices = survey.notices.map { Notice(subject: $0.subject, notice: $0.text) }
    }

    /// The encoded document.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return Array(try encoder.encode(self)) + Array("\n".utf8)
    }
}
