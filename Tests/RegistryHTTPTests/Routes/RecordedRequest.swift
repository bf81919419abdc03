import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A request to docker-registry 0.9.1 and parts of its response: a line of `testdata/routes/v1-recorded.tsv` (method,
/// target, status, `html` for a response of the framework, Location or `-`).
struct RecordedRequest: Sendable, CustomTestStringConvertible {
    let method: String
    let target: String
    let status: Int
    let isHTML: Bool
    let redirect: String

    /// The target without its query.
    var path: String { target.split(separator: "?", omittingEmptySubsequences: false).first.map(String.init) ?? "" }

    /// Whether the framework had no route for it. HEAD responses show it as well: they keep the content type.
    var isUnrouted: Bool { status == 404 && isHTML }

    /// The path of the recorded redirect.
    var location: String { redirect.replacing("http://registry.test:5000", with: "") }

    var testDescription: String { "\(method) \(target) \(status)" }

    static func all(file: String = #filePath) throws -> [RecordedRequest] {
        let root = file.split(separator: "/").dropLast(4).joined(separator: "/")
        let text = try String(contentsOfFile: "/\(root)/testdata/routes/v1-recorded.tsv", encoding: .utf8)
        let requests: [RecordedRequest] = text.split(separator: "\n").compactMap { line in
            let columns = line.split(separator: "\t").map(String.init)
            guard columns.count == 5, let status = Int(columns[2]) else { return nil }
            return RecordedRequest(
                method: columns[0],
                target: columns[1],
                status: status,
                isHTML: columns[3] == "html",
                redirect: columns[4]
            )
        }
        try #require(requests.count > 400)
        return requests
    }
}
