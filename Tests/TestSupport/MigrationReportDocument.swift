import Foundation

/// The report written by `longshore migrate --report`.
package struct MigrationReportDocument: Decodable {
    /// A tag that exists in v2 now.
    package struct Tag: Decodable {
        package let repository: String
        package let tag: String
        package let v1Repository: String
        package let v1Image: String
        package let imageID: String
        package let manifest: String
        package let outcome: String
    }

    /// A tag that could not be converted.
    package struct FailedTag: Decodable {
        package let v1Repository: String
        package let tag: String
        package let image: String?
        package let reason: String
    }

    /// A damaged image.
    package struct DamagedImage: Decodable {
        package let image: String
        package let reason: String
        package let tags: [String]
    }

    /// A harmless irregularity.
    package struct Notice: Decodable {
        package let subject: String
        package let notice: String
    }

    /// The totals.
    package struct Totals: Decodable {
        package let tagsConverted: Int
        package let tagsUnchanged: Int
        package let tagsFailed: Int
        package let bytesLinked: Int
        package let bytesCopied: Int
        package let bytesRead: Int
    }

    package let version: Int
    package let isComplete: Bool
    package let totals: Totals
    package let tags: [Tag]
    package let failedTags: [FailedTag]
    package let damagedImages: [DamagedImage]
    package let notices: [Notice]

    /// Loads a report.
    package init(at path: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
