import RegistryCore
import Storage

/// The numbers of a report.
package struct ReportTotals: Codable, Sendable {
    let repositories: Int
    let tagsConverted: Int
    let tagsUnchanged: Int
    let tagsKept: Int
    let tagsFailed: Int
    /// Those that were not asked for.
    let tagsLeftOut: Int
    let images: Int
    let imagesDamaged: Int
    let bytesRead: Int64
    let bytesLinked: Int64
    let bytesCopied: Int64
    let bytesShared: Int64
    let bytesVerified: Int64
    /// What the layers of all tags would take if each tag had its own.
    let bytesReferenced: Int64
    /// What they do take, each blob once.
    let bytesStored: Int64

    init(_ result: MigrationResult) {
        func count(_ outcome: ConvertedTag.Outcome) -> Int { result.tags.count { $0.outcome == outcome } }
        self.repositories = result.survey.repositoryCount
        self.tagsConverted = count(.converted)
        self.tagsUnchanged = count(.unchanged)
        self.tagsKept = count(.kept)
        self.tagsFailed = result.failures.count
        self.tagsLeftOut = result.survey.leftOutTagCount
        self.images = result.survey.images.count
        self.imagesDamaged = result.damages.count
        self.bytesRead = result.readByteCount
        self.bytesLinked = result.linkedByteCount
        self.bytesCopied = result.copiedByteCount
        self.bytesShared = result.sharedByteCount
        self.bytesVerified = result.verifiedByteCount
        self.bytesReferenced = result.tags.compactMap(\.byteCount).clampedSum
        let blobs = result.records.values.map { ($0.blob, $0.blobByteCount) }
        self.bytesStored = Dictionary(blobs, uniquingKeysWith: { first, _ in first }).values.clampedSum
    }
}
