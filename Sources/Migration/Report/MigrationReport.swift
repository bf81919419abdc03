package import Foundation
import ImageModel
import RegistryCore

/// The report of a migration as a JSON document: `--report`.
///
/// Its schema is documented in MIGRATION.md, "The report".
package struct MigrationReport: Codable, Sendable {
    /// A tag that exists in v2 now.
    package struct TagEntry: Codable, Sendable {
        let repository: String
        let tag: String
        let v1Repository: String
        let v1Image: String
        let imageID: String?
        let manifest: String
        let outcome: ConvertedTag.Outcome
    }

    /// A tag that was not converted; an empty `tag` is a whole repository whose tags cannot be listed.
    package struct FailedTagEntry: Codable, Sendable {
        let v1Repository: String
        let tag: String
        let image: String?
        let reason: String
    }

    /// A damaged image, and the tags that depend on it.
    package struct DamagedImageEntry: Codable, Sendable {
        let image: String
        let reason: String
        let tags: [String]
    }

    /// A harmless irregularity of the source.
    package struct NoticeEntry: Codable, Sendable {
        let subject: String
        let notice: String
    }

    /// The version of this document's schema: members may be added, but are never removed or redefined.
    let version: Int
    /// The machine that the migration ran on.
    let host: String
    /// A directory or file by its absolute path, a registry by its address.
    let source: String
    let destination: String
    let started: Date
    let finished: Date
    let isComplete: Bool
    /// `stopped`, `firstFailure` or `broken` when the run ended early.
    let interruption: String?
    /// The error that ended the run, for `broken`.
    let interruptionReason: String?
    let totals: ReportTotals
    let tags: [TagEntry]
    let failedTags: [FailedTagEntry]
    let damagedImages: [DamagedImageEntry]
    let notices: [NoticeEntry]
    let throughput: [MigrationProgress.Sample]

    /// Creates the report of a migration.
    package init(
        _ result: MigrationResult,
        host: String,
        source: String,
        destination: String,
        started: Date,
        finished: Date
    ) {
        self.version = 1
        self.host = host
        self.source = source
        self.destination = destination
        self.started = started
        self.finished = finished
        self.isComplete = result.isComplete
        self.interruption =
            switch result.interruption {
            case .stopped: "stopped"
            case .firstFailure: "firstFailure"
            case .broken: "broken"
            case nil: nil
            }
        self.interruptionReason = if case .broken(let reason) = result.interruption { reason } else { nil }
        self.totals = ReportTotals(result)
        self.tags = result.tags.map(TagEntry.init).sorted { ($0.repository, $0.tag) < ($1.repository, $1.tag) }
        self.failedTags = result.failures.map {
            FailedTagEntry(v1Repository: $0.repository, tag: $0.tag, image: $0.image?.description, reason: $0.reason)
        }.sorted { ($0.v1Repository, $0.tag) < ($1.v1Repository, $1.tag) }
        let dependents = Dictionary(grouping: result.failures.filter { $0.image != nil }) { $0.image }
        self.damagedImages = result.damages.sorted { $0.key < $1.key }.map { image, error in
            DamagedImageEntry(
                image: image.description,
                reason: "\(error)",
                tags: (dependents[image] ?? []).map { "\($0.repository):\($0.tag)" }.sorted()
            )
        }
        self.notices = result.notices.map { NoticeEntry(subject: $0.subject, notice: $0.text) }
            .sorted { ($0.subject, $0.notice) < ($1.subject, $1.notice) }
        self.throughput = result.samples
    }

    /// The encoded document.
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }
}

extension MigrationReport.TagEntry {
    fileprivate init(_ converted: ConvertedTag) {
        self.init(
            repository: converted.tag.name.description,
            tag: converted.tag.tag.description,
            v1Repository: converted.tag.v1Name.description,
            v1Image: converted.tag.image.description,
            imageID: converted.imageID?.description,
            manifest: converted.manifest.description,
            outcome: converted.outcome
        )
    }
}
