import HTTPTypes
import ImageModel
import RegistryCore

/// The list of the manifests that are about another one, as an image index.
///
/// OCI Distribution Specification 1.1, "Listing Referrers".
struct ReferrerHandler: Sendable {
    let registry: Registry
    let settings: ServiceSettings

    /// About how large an answer may become: clients take indexes of 4 MiB.
    private static let byteLimit = 3 << 20

    func answer(_ request: RegistryRequest, _ subject: Digest, in name: RepositoryName) async throws -> HTTPAnswer {
        let page = try PageRequest(request)
        let size = min(page.size ?? settings.referrerLimit, settings.referrerLimit)
        let filter = request.query["artifactType"].flatMap { $0.isEmpty ? nil : $0 }
        let last = try page.last.map { try parse($0) }
        let rest = try await registry.referrers.list(of: subject, in: name).filter { referrer in
            if let last, referrer.descriptor.digest <= last { return false }
            return filter.map { $0 == referrer.artifactType } ?? true
        }
        let (entries, lastEntry) = Self.page(of: rest, size: size)
        var answer = HTTPAnswer(
            v2Status: 200,
            json: .object([
                JSONMember(key: "schemaVersion", value: .integer(2)),
                JSONMember(key: "mediaType", value: .string(MediaType.ociIndex.description)),
                JSONMember(key: "manifests", value: .array(entries)),
            ])
        )
        answer.headers[.contentType] = MediaType.ociIndex.description
        answer.headers[.ociFiltersApplied] = filter.map { _ in "artifactType" }
        if entries.count < rest.count, let lastEntry {
            let filterItem = filter.map { "&artifactType=\(String(percentEncoding: $0))" } ?? ""
            let path = "/v2/\(name)/referrers/\(subject)?last=\(lastEntry)&n=\(size)\(filterItem)"
            answer.headers[.link] = "<\(settings.locations.link(to: path))>; rel=\"next\""
        }
        return answer
    }

    /// As many descriptors as fit, and the digest of the last one.
    private static func page(of referrers: [Referrer], size: Int) -> ([JSONValue], Digest?) {
        var entries: [JSONValue] = []
        var byteCount = 0
        var last: Digest?
        for referrer in referrers.prefix(size) {
            let entry = JSONValue(referrer)
            byteCount += entry.compactEncoded().count
            if byteCount > byteLimit, !entries.isEmpty { break }
            entries.append(entry)
            last = referrer.descriptor.digest
        }
        return (entries, last)
    }
}

extension JSONValue {
    /// A descriptor in a list of referrers.
    fileprivate init(_ referrer: Referrer) {
        var members = [
            JSONMember(key: "mediaType", value: .string(referrer.descriptor.mediaType.description)),
            JSONMember(key: "digest", value: .string(referrer.descriptor.digest.description)),
            JSONMember(key: "size", value: .integer(referrer.descriptor.size)),
        ]
        if let type = referrer.artifactType { members.append(JSONMember(key: "artifactType", value: .string(type))) }
        if !referrer.annotations.isEmpty {
            let annotations = referrer.annotations.sorted { $0.key < $1.key }
            members.append(
                JSONMember(
                    key: "annotations",
                    value: .object(annotations.map { JSONMember(key: $0.key, value: .string($0.value)) })
                )
            )
        }
        self = .object(members)
    }
}
