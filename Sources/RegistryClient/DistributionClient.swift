import AsyncHTTPClient
import Foundation
package import ImageModel
package import NIOCore
import NIOHTTP1

/// Asks a registry of any make by v2.
///
/// OCI Distribution Specification 1.1, "Pushing blobs" and "Pushing Manifests".
package final class DistributionClient: Sendable {
    private let connection: RegistryConnection

    package init(_ address: RegistryAddress, _ transport: RegistryTransport) {
        self.connection = RegistryConnection(address, transport, usesBasicAlways: false)
    }

    /// Asks through a connection that is there.
    init(_ connection: RegistryConnection) { self.connection = connection }

    /// Whether there is a v2 registry, which lets the user in.
    ///
    /// - Throws: ``RegistryFailure`` when there is none, or it does not.
    package func ping() async throws {
        _ = try await connection.send(RemoteRequest(.GET, "/v2/"), patience: .seconds(3)) { $0 == 200 }
    }

    /// The size of a blob of a repository, or nil when it has none.
    package func byteCount(of digest: Digest, in name: RepositoryName) async throws -> Int64? {
        let request = RemoteRequest(.HEAD, "/v2/\(name)/blobs/\(digest)", scopes: Self.scopes(name))
        let response = try await connection.send(request) { $0 == 200 || $0 == 404 }
        guard response.status == 200 else { return nil }
        if let byteCount = response.number("Content-Length") { return byteCount }
        // A registry that does not tell is asked for the bytes.
        var byteCount: Int64 = 0
        let isThere = try await readBlob(digest, in: name) { byteCount += Int64($0.readableBytes) }
        return isThere ? byteCount : nil
    }

    /// Hands a blob's bytes to `take`, piece by piece, and returns whether there is such a blob.
    package func readBlob(
        _ digest: Digest,
        in name: RepositoryName,
        _ take: (ByteBuffer) async throws -> Void
    ) async throws -> Bool {
        let request = RemoteRequest(.GET, "/v2/\(name)/blobs/\(digest)", scopes: Self.scopes(name))
        let response = try await connection.send(request) { $0 == 200 || $0 == 404 }
        guard response.status == 200 else { return false }
        try await response.forEachPiece(take)
        return true
    }

    /// Makes a blob of one repository one of another's, and returns whether the registry did so.
    package func mount(_ digest: Digest, from source: RepositoryName, into name: RepositoryName) async throws -> Bool {
        let target = "/v2/\(name)/blobs/uploads/?mount=\(digest)&from=\(source)"
        var request = RemoteRequest(
            .POST,
            target,
            scopes: Self.scopes(name) + ["repository:\(source):pull"]
        )
        request.headers.add(name: "Content-Length", value: "0")
        let response = try await connection.send(request) { $0 == 201 || $0 == 202 }
        if response.status == 202, let location = response.location { try await cancel(location, name) }
        return response.status == 201
    }

    /// The digest that a tag names, or nil when there is no such tag.
    ///
    /// - Parameter hash: The digest of a manifest that the registry does not tell that of.
    package func digest(of tag: Tag, in name: RepositoryName, hash: (ByteBuffer) -> Digest) async throws -> Digest? {
        var request = RemoteRequest(.HEAD, "/v2/\(name)/manifests/\(tag)", scopes: Self.scopes(name))
        Self.acceptManifests(&request)
        let response = try await connection.send(request) { $0 == 200 || $0 == 404 }
        guard response.status == 200 else { return nil }
        if let text = response.headers.first(name: "Docker-Content-Digest"), let digest = try? Digest(parsing: text) {
            return digest
        }
        // A registry that does not tell is asked for the manifest.
        return try await manifest("\(tag)", in: name).map(hash)
    }

    /// A manifest, or nil when there is none.
    package func manifest(_ digest: Digest, in name: RepositoryName) async throws -> ByteBuffer? {
        try await manifest("\(digest)", in: name)
    }

    private func manifest(_ reference: String, in name: RepositoryName) async throws -> ByteBuffer? {
        var request = RemoteRequest(.GET, "/v2/\(name)/manifests/\(reference)", scopes: Self.scopes(name))
        Self.acceptManifests(&request)
        let response = try await connection.send(request) { $0 == 200 || $0 == 404 }
        return response.status == 200 ? try await response.collected() : nil
    }

    /// Stores a manifest under a tag.
    package func putManifest(
        _ bytes: [UInt8],
        _ mediaType: MediaType,
        as tag: Tag,
        in name: RepositoryName
    ) async throws {
        var request = RemoteRequest(.PUT, "/v2/\(name)/manifests/\(tag)", scopes: Self.scopes(name))
        request.headers.add(name: "Content-Type", value: mediaType.description)
        request.body = .bytes(ByteBuffer(bytes: bytes))
        _ = try await connection.send(request) { $0 == 201 || $0 == 200 || $0 == 202 }
    }

    /// Sends a blob, and takes up where the registry says that it was cut off.
    ///
    /// - Parameters:
    ///   - resuming: The location of an upload that an earlier process began; forgotten when the registry does.
    ///   - onBegin: Told the location of the upload, so that it can be remembered.
    package func putBlob(
        _ blob: Descriptor,
        in name: RepositoryName,
        _ bytes: any BlobBytes,
        resuming location: String? = nil,
        onBegin: (String) async throws -> Void = { _ in }
    ) async throws {
        let upload = BlobUpload(connection: connection, blob: blob, name: name, bytes: bytes, scopes: Self.scopes(name))
        try await upload.run(resuming: location, onBegin: onBegin)
    }

    private func cancel(_ location: String, _ name: RepositoryName) async throws {
        let request = RemoteRequest(.DELETE, location, scopes: Self.scopes(name))
        // Whether it knows how to does not matter: it forgets uploads by itself.
        _ = try await connection.send(request) { _ in true }
    }

    private static func scopes(_ name: RepositoryName) -> [String] { ["repository:\(name):pull,push"] }

    private static func acceptManifests(_ request: inout RemoteRequest) {
        let types: [MediaType] = [.schema2, .ociManifest, .manifestList, .ociIndex]
        for type in types { request.headers.add(name: "Accept", value: type.description) }
    }
}
