import Foundation

/// What `longshore migrate --report` writes.
struct MigrationReportDocument: Decodable {
    struct Tag: Decodable {
        let repository: String
        let tag: String
        let v1Repository: String
        let v1Image: String
        let imageID: String
        let manifest: String
        let outcome: String
    }

    struct FailedTag: Decodable {
        let v1Repository: String
        let tag: String
        let image: String?
        let reason: String
    }

    struct DamagedImage: Decodable {
        let image: String
        let reason: String
        let tags: [String]
    }

    struct Notice: Decodable {
        let subject: String
        let notice: String
    }

    struct Totals: Decodable {
        let tagsConverted: Int
        let tagsUnchanged: Int
        let tagsFailed: Int
        let bytesLinked: Int
        let bytesCopied: Int
    }

    let version: Int
    let isComplete: Bool
    let totals: Totals
    let tags: [Tag]
    let failedTags: [FailedTag]
    let damagedImages: [DamagedImage]
    let notices: [Notice]

    init(at path: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
