import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// Lists the manifests that refer to a subject, as an image index.
///
/// OCI Distribution Specification 1.1, "Listing Referrers".
struct ReferrerHandler: Sendable {
    let registry: Registry
    let settings: ServiceSettings

    /// The approximate size limit of a response: clients accept indexes of 4 MiB.
    private static let byteLimit = 3 << 20

    func respond(_ request: RegistryRequest, _ subject: Digest, in name: RepositoryName) async throws
        -> RegistryResponse
    {
        let wanted = try PageRequest(request)
        let size = min(wanted.size ?? settings.referrerLimit, settings.referrerLimit)
        let filter = request.query["artifactType"].flatMap { $0.isEmpty ? nil : $0 }
        let last = try wanted.last.map { try parse($0) }
        let rest = try await registry.referrers.list(of: subject, in: name).filter { referrer in
            if let last, referrer.descriptor.digest <= last { return false }
            return filter.map { $0 == referrer.artifactType } ?? true
        }
        let page = try await list(rest.prefix(size), in: name)
        var response = RegistryResponse(v2Status: 200)
        response.body = .bytes(page.bytes)
        response.headers[.contentType] = MediaType.ociIndex.description
        response.headers[.ociFiltersApplied] = filter.map { _ in "artifactType" }
        if page.count < rest.count, let lastEntry = page.last {
            let filterItem = filter.map { "&artifactType=\(String(percentEncoding: $0))" } ?? ""
            let path = "/v2/\(name)/referrers/\(subject)?last=\(lastEntry)&n=\(size)\(filterItem)"
            response.headers[.link] = "<\(settings.locations.link(to: path))>; rel=\"next\""
        }
        return response
    }

    /// An index of as many referrers as fit, at least one if there is any, with their count and the digest of the last.
    private func list(
        _ referrers: some Sequence<Referrer>,
        in name: RepositoryName
    ) async throws -> (bytes: ByteBuffer, count: Int, last: Digest?) {
        var bytes = ByteBuffer(string: "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.ociIndex)\",\"manifests\":[")
        var count = 0
        var last: Digest?
        for referrer in referrers {
            let entry = referrer.json(try await registry.referrers.annotations(of: referrer, in: name))
            if bytes.readableBytes + entry.count > Self.byteLimit, count > 0 { break }
            if count > 0 { bytes.writeString(",") }
            bytes.writeBytes(entry)
            count += 1
            last = referrer.descriptor.digest
        }
        bytes.writeString("]}")
        return (bytes, count, last)
    }
}

extension Referrer {
    /// The descriptor in a list of referrers.
    fileprivate func json(_ annotations: [UInt8]?) -> [UInt8] {
        var writer = JSONWriter(.compact)
        writer.object { writer in
            writer.key("mediaType")
            writer.string(descriptor.mediaType.description)
            writer.key("digest")
            writer.string(descriptor.digest.description)
            writer.key("size")
            writer.integer(descriptor.size)
            if let artifactType {
                writer.key("artifactType")
                writer.string(artifactType)
            }
            if let annotations {
                writer.key("annotations")
                writer.raw(annotations)
            }
        }
        return writer.bytes
    }
}
