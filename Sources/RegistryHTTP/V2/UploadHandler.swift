import HTTPTypes
import ImageModel
import RegistryCore

/// Uploads of blobs: begun, continued, ended, thrown away.
///
/// OCI Distribution Specification 1.1, "Pushing blobs".
struct UploadHandler: Sendable {
    let registry: Registry

    /// `POST …/blobs/uploads/`: mounts a blob, takes one whole, or begins an upload.
    func begin(_ request: RegistryRequest, in name: RepositoryName) async throws -> HTTPAnswer {
        try allow([.post], request)
        try registry.refuseWhenReadOnly()
        if let mounted = try await mount(request, in: name) { return mounted }
        let digest = try request.query["digest"].map { try parse($0) }
        let id = try await registry.uploads.begin(in: name)
        guard let digest else { return progress(202, request, id, byteCount: 0, in: name) }
        do {
            _ = try await registry.uploads.append(request.body, at: 0, to: id, in: name)
            try await registry.uploads.finish(id, as: digest, in: name)
        } catch {
            // The client never learned of the upload: nobody can go on with it.
            try await registry.uploads.discardIfPresent(id, in: name)
            throw error
        }
        return created(request, digest, in: name)
    }

    /// `GET`, `PATCH`, `PUT` and `DELETE` of an upload.
    func answer(_ request: RegistryRequest, _ id: UploadID, in name: RepositoryName) async throws -> HTTPAnswer {
        try allow([.get, .head, .patch, .put, .delete], request)
        let uploads = registry.uploads
        switch request.method {
        case .patch:
            try registry.refuseWhenReadOnly()
            let byteCount = try await append(request, to: id, in: name)
            return progress(202, request, id, byteCount: byteCount, in: name)
        case .put:
            try registry.refuseWhenReadOnly()
            guard let text = request.query["digest"] else { throw RegistryError.malformedDigest("") }
            let digest = try parse(text)
            _ = try await append(request, to: id, in: name)
            try await uploads.finish(id, as: digest, in: name)
            return created(request, digest, in: name)
        case .delete:
            try registry.refuseWhenReadOnly()
            try await uploads.cancel(id, in: name)
            return HTTPAnswer(v2Status: 204)
        default:
            return progress(204, request, id, byteCount: try await uploads.byteCount(of: id, in: name), in: name)
        }
    }

    private func append(_ request: RegistryRequest, to id: UploadID, in name: RepositoryName) async throws -> Int64 {
        let range = try request.headers[.contentRange].map { try ChunkRange(parsing: $0) }
        return try await registry.uploads.append(
            request.body,
            at: range?.first,
            expecting: range?.byteCount,
            to: id,
            in: name
        )
    }

    private func mount(_ request: RegistryRequest, in name: RepositoryName) async throws -> HTTPAnswer? {
        guard let text = request.query["mount"], let from = request.query["from"],
            let source = try? RepositoryName(parsing: from)
        else { return nil }
        let digest = try parse(text)
        guard try await registry.mount(digest, from: source, into: name) else { return nil }
        return created(request, digest, in: name)
    }

    private func progress(
        _ status: Int,
        _ request: RegistryRequest,
        _ id: UploadID,
        byteCount: Int64,
        in name: RepositoryName
    ) -> HTTPAnswer {
        var answer = HTTPAnswer(v2Status: status)
        answer.headers[.location] = request.location("/v2/\(name)/blobs/uploads/\(id)")
        answer.headers[.uploadUUID] = id.description
        answer.headers[.range] = UploadRange.header(byteCount: byteCount)
        return answer
    }

    private func created(_ request: RegistryRequest, _ digest: Digest, in name: RepositoryName) -> HTTPAnswer {
        var answer = HTTPAnswer(v2Status: 201)
        answer.headers[.location] = request.location("/v2/\(name)/blobs/\(digest)")
        answer.headers[.contentDigest] = digest.description
        return answer
    }
}

/// The `Content-Range` of a chunk of an upload: `first-last`, with or without `bytes ` and `/size`.
struct ChunkRange: Equatable {
    /// The offset of the first byte.
    let first: Int64
    /// How many bytes the chunk says that it has.
    let byteCount: Int64

    init(parsing text: String) throws(RegistryError) {
        let bare = text.hasPrefix("bytes ") ? text.dropFirst("bytes ".count) : text[...]
        let bounds = bare.prefix { $0 != "/" }.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Int64(bounds[0]), let last = Int64(bounds[1]), first >= 0,
            last >= first - 1,
            last < .max
        else { throw .malformedRange(text) }
        self.first = first
        self.byteCount = last - first + 1
    }
}
