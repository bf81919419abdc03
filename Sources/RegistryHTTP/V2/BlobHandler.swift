import HTTPTypes
import ImageModel
import RegistryCore
import Storage

/// Blobs, as clients pull them.
struct BlobHandler: Sendable {
    let registry: Registry

    func answer(_ request: RegistryRequest, _ digest: Digest, in name: RepositoryName) async throws -> HTTPAnswer {
        try allow([.get, .head], request)
        let reader = try await registry.blob(digest, in: name)
        let byteCount = reader.attributes.byteCount
        var answer = HTTPAnswer(v2Status: 200)
        answer.headers[.contentType] = MediaType.octetStream.description
        answer.headers[.contentDigest] = digest.description
        answer.headers[.eTag] = "\"\(digest)\""
        answer.headers[.cacheControl] = "max-age=31536000"
        answer.headers[.acceptRanges] = "bytes"
        if EntityTag(digest).isNamed(by: request.headers[values: .ifNoneMatch]) {
            answer.status = .notModified
            return answer
        }
        switch ByteRange(header: request.headers[.range], byteCount: byteCount) {
        case .whole: answer.body = .object(reader, range: 0..<byteCount)
        case .part(let range):
            answer.status = .partialContent
            answer.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(byteCount)"
            answer.body = .object(reader, range: range)
        case .unsatisfiable: throw RegistryError.rangeUnsatisfiable(byteCount: byteCount)
        }
        return answer
    }
}

/// The `ETag` of content that is named by its digest.
struct EntityTag {
    private let digest: Digest

    init(_ digest: Digest) { self.digest = digest }

    /// Whether an `If-None-Match` names it; old clients send the digest without quotes.
    func isNamed(by headers: [String]) -> Bool {
        headers.flatMap { $0.split(separator: ",") }.contains { candidate in
            var text = candidate.drop { $0 == " " }
            if text.hasPrefix("W/") { text = text.dropFirst(2) }
            let bare = text.filter { $0 != "\"" && $0 != " " }
            return bare == digest.description || bare == "*"
        }
    }
}
