import RegistryCore
import Storage

/// The totals of a report.
package struct ReportTotals: Codable, Sendable {
    let repositories: Int
    let tagsConverted: Int
    let tagsUnchanged: Int
    let tagsKept: Int
    let tagsFailed: Int
    /// Tags outside the selection.
    let tagsLeftOut: Int
    let images: Int
    let imagesDamaged: Int
    let bytesRead: Int64
    let bytesLinked: Int64
    let bytesCopied: Int64
    let bytesShared: Int64
    let bytesVerified: Int64
    /// The size of all tags' layers if nothing were shared.
    let bytesReferenced: Int64
    /// Their actual size, each blob counted once.
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
