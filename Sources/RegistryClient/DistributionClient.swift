import AsyncHTTPClient
import Foundation
package import ImageModel
package import NIOCore
import NIOHTTP1

/// A client for any v2 registry.
///
/// OCI Distribution Specification 1.1, "Pushing blobs" and "Pushing Manifests".
package final class DistributionClient: Sendable {
    private let connection: RegistryConnection

    /// Creates a client for the registry at `address`. It connects when a request is sent.
    package init(_ address: RegistryAddress, _ transport: RegistryTransport) {
        self.connection = RegistryConnection(address, transport, usesBasicAlways: false)
    }

    /// Creates a client over an existing connection.
    init(_ connection: RegistryConnection) { self.connection = connection }

    /// Checks that there is a v2 registry, and that it accepts the user.
    ///
    /// - Throws: ``RegistryFailure`` otherwise.
    package func ping() async throws {
        _ = try await connection.send(RemoteRequest(.GET, "/v2/"), patience: .seconds(3)) { $0 == 200 }
    }

    /// The size of a blob in a repository; nil if it does not exist.
    package func byteCount(of digest: Digest, in name: RepositoryName) async throws -> Int64? {
        let request = RemoteRequest(.HEAD, "/v2/\(name)/blobs/\(digest)", scopes: Self.scopes(name))
        let response = try await connection.send(request) { $0 == 200 || $0 == 404 }
        guard response.status == 200 else { return nil }
        if let byteCount = response.number("Content-Length") { return byteCount }
        // Without Content-Length, the bytes must be fetched and counted.
        var byteCount: Int64 = 0
        let isThere = try await readBlob(digest, in: name) { byteCount += Int64($0.readableBytes) }
        return isThere ? byteCount : nil
    }

    /// Passes a blob's bytes to `take`, piece by piece. Returns whether the blob exists.
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

    /// Mounts a blob from another repository. Returns whether the registry did so.
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

    /// The digest a tag points to; nil if there is no such tag.
    ///
    /// - Parameter hash: Computes the digest of a manifest, if the registry's response lacks it.
    package func digest(of tag: Tag, in name: RepositoryName, hash: (ByteBuffer) -> Digest) async throws -> Digest? {
        var request = RemoteRequest(.HEAD, "/v2/\(name)/manifests/\(tag)", scopes: Self.scopes(name))
        Self.acceptManifests(&request)
        let response = try await connection.send(request) { $0 == 200 || $0 == 404 }
        guard response.status == 200 else { return nil }
        if let text = response.headers.first(name: "Docker-Content-Digest"), let digest = try? Digest(parsing: text) {
            return digest
        }
        // Without Docker-Content-Digest, the manifest must be fetched.
        return try await manifest("\(tag)", in: name).map(hash)
    }

    /// A manifest; nil if there is none.
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

    /// Uploads a blob. After an interruption it continues at the offset the registry reports.
    ///
    /// - Parameters:
    ///   - resuming: The location of an upload begun by an earlier process; ignored if the registry no longer knows it.
    ///   - onBegin: Called with the upload's location, so that the caller can save it.
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
        // The result does not matter: registries eventually delete abandoned uploads.
        _ = try await connection.send(request) { _ in true }
    }

    private static func scopes(_ name: RepositoryName) -> [String] { ["repository:\(name):pull,push"] }

    private static func acceptManifests(_ request: inout RemoteRequest) {
        let types: [MediaType] = [.schema2, .ociManifest, .manifestList, .ociIndex]
        for type in types { request.headers.add(name: "Accept", value: type.description) }
    }
}
