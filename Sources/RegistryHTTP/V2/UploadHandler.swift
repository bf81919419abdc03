import HTTPTypes
import ImageModel
import RegistryCore

/// Begins, continues, finishes and cancels blob uploads.
///
/// OCI Distribution Specification 1.1, "Pushing blobs".
struct UploadHandler: Sendable {
    let registry: Registry
    let settings: ServiceSettings

    /// The query item of an upload's location with the upload's state. registry:2 uses the same name.
    private static let stateName = "_state"

    /// `POST …/blobs/uploads/`: mounts a blob, stores a whole one, or begins an upload.
    func begin(
        _ request: RegistryRequest,
        in name: RepositoryName,
        by permissions: Permissions
    ) async throws -> RegistryResponse {
        try registry.refuseWhenReadOnly()
        if let mounted = try await mount(request, in: name, by: permissions) { return mounted }
        let digest = try request.query["digest"].map { try parse($0) }
        let algorithm = try digest?.algorithm ?? algorithm(request) ?? .sha256
        let id = try await registry.uploads.begin(in: name, hashing: algorithm)
        guard let digest else {
            return try await progress(202, request, id, byteCount: 0, in: name)
        }
        do {
            try await registry.uploads.finish(id, as: digest, in: name, appending: request.body, at: 0)
        } catch {
            // The client does not know the upload's id, so nobody could continue it.
            try await registry.uploads.discardIfPresent(id, in: name)
            throw error
        }
        return created(request, digest, in: name)
    }

    /// `GET`, `PATCH`, `PUT` and `DELETE` of an upload.
    func respond(_ request: RegistryRequest, _ id: UploadID, in name: RepositoryName) async throws -> RegistryResponse {
        let uploads = registry.uploads
        if let state = request.query[Self.stateName] { try await uploads.restore(id, in: name, by: state) }
        switch request.method {
        case .patch:
            try registry.refuseWhenReadOnly()
            let range = try range(of: request)
            let byteCount = try await uploads.append(
                request.body,
                at: range?.first,
                expecting: range?.byteCount,
                to: id,
                in: name
            )
            return try await progress(202, request, id, byteCount: byteCount, in: name)
        case .put:
            try registry.refuseWhenReadOnly()
            guard let text = request.query["digest"] else { throw RegistryError.malformedDigest("") }
            let digest = try parse(text)
            let range = try range(of: request)
            try await uploads.finish(
                id,
                as: digest,
                in: name,
                appending: request.body,
                at: range?.first,
                expecting: range?.byteCount
            )
            return created(request, digest, in: name)
        case .delete:
            try registry.refuseWhenReadOnly()
            try await uploads.cancel(id, in: name)
            return RegistryResponse(v2Status: 204)
        default:
            let byteCount = try await uploads.byteCount(of: id, in: name)
            return try await progress(204, request, id, byteCount: byteCount, in: name)
        }
    }

    private func range(of request: RegistryRequest) throws -> ChunkRange? {
        try request.headers[.contentRange].map { try ChunkRange(parsing: $0) }
    }

    /// Mounts a blob; nil when that is impossible, and the client should upload the blob instead. A caller who may not
    /// pull from the blob's repository gets the same response as if the blob did not exist.
    private func mount(
        _ request: RegistryRequest,
        in name: RepositoryName,
        by permissions: Permissions
    ) async throws -> RegistryResponse? {
        guard let text = request.query["mount"], !text.isEmpty else { return nil }
        let digest = try parse(text)
        let from = request.query["from"].flatMap { $0.isEmpty ? nil : $0 }
        guard from != nil || settings.allowsAnonymousMounts else { return nil }
        let source = from.flatMap { try? RepositoryName(parsing: $0) }
        // A repository with an invalid name does not exist.
        guard from == nil || source != nil else { return nil }
        let mayRead = source.map { permissions.allows(.pull, $0.description) } ?? permissions.allowsEverywhere(.pull)
        guard mayRead else { return nil }
        guard try await registry.mount(digest, from: source, into: name) else { return nil }
        return created(request, digest, in: name)
    }

    /// The digest algorithm that the client announces for the blob.
    private func algorithm(_ request: RegistryRequest) throws(RegistryError) -> Digest.Algorithm? {
        guard let text = request.query["digest-algorithm"], !text.isEmpty else { return nil }
        guard let algorithm = Digest.Algorithm(rawValue: text) else { throw .malformedDigest(text) }
        return algorithm
    }

    private func progress(
        _ status: Int,
        _ request: RegistryRequest,
        _ id: UploadID,
        byteCount: Int64,
        in name: RepositoryName
    ) async throws -> RegistryResponse {
        let state = try await registry.uploads.state(of: id, in: name)
        let path = "/v2/\(name)/blobs/uploads/\(id)?\(Self.stateName)=\(state)"
        var response = RegistryResponse(v2Status: status)
        response.headers[.location] = settings.locations.location(of: path, for: request)
        response.headers[.uploadUUID] = id.description
        response.headers[.range] = UploadRange.header(byteCount: byteCount)
        return response
    }

    private func created(_ request: RegistryRequest, _ digest: Digest, in name: RepositoryName) -> RegistryResponse {
        var response = RegistryResponse(v2Status: 201)
        response.headers[.location] = settings.locations.location(of: "/v2/\(name)/blobs/\(digest)", for: request)
        response.headers[.contentDigest] = digest.description
        return response
    }
}

/// The `Content-Range` of a chunk of an upload: `first-last`, with or without `bytes ` and `/size`.
struct ChunkRange: Equatable {
    /// The offset of the first byte.
    let first: Int64
    /// The size of the chunk according to the header.
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
