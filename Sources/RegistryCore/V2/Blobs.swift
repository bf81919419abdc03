package import ImageModel
import NIOCore
package import Storage
import SystemLibraries

/// The blobs of all repositories, each stored once, and the links that make them a repository's.
package struct Blobs: Sendable {
    let storage: any ObjectStorage
    private let links: Links

    package init(storage: any ObjectStorage) {
        self.storage = storage
        self.links = Links(storage: storage)
    }

    /// Opens a blob of a repository.
    ///
    /// - Throws: ``RegistryError/blobUnknown(_:)`` when the repository has no such blob.
    package func open(_ digest: Digest, in name: RepositoryName) async throws -> any ObjectReader {
        guard let linked = try await links.read(V2Layout.layerLink(digest, in: name)),
            let reader = try await open(linked)
        else { throw RegistryError.blobUnknown(digest) }
        return reader
    }

    /// Opens a blob, whosever it is, or answers nil when it is not stored.
    func open(_ digest: Digest) async throws -> (any ObjectReader)? {
        try await storage.open(V2Layout.blobData(digest))
    }

    /// Whether the repository has the blob.
    func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        guard let linked = try await links.read(V2Layout.layerLink(digest, in: name)) else { return false }
        return try await contains(linked)
    }

    /// Whether the blob is stored, whosever it is.
    func contains(_ digest: Digest) async throws -> Bool {
        try await storage.attributes(of: V2Layout.blobData(digest))?.kind == .object
    }

    /// Makes a stored blob one of the repository's.
    func link(_ digest: Digest, into name: RepositoryName) async throws {
        try await links.write(digest, to: V2Layout.layerLink(digest, in: name))
    }

    /// Stores a small blob, such as a manifest or a configuration, and answers whether it was new.
    @discardableResult
    func write(_ bytes: ByteBuffer, as digest: Digest) async throws -> Bool {
        if let present = try await storage.attributes(of: V2Layout.blobData(digest)),
            present.byteCount == Int64(bytes.readableBytes)
        {
            return false
        }
        try await storage.write(bytes, to: V2Layout.blobData(digest))
        return true
    }

    /// Makes a finished object, whose digest the caller knows, the blob. Nothing is left under `key`.
    func adopt(_ key: ObjectKey, as digest: Digest) async throws {
        if try await contains(digest) {
            try await storage.remove(key)
        } else {
            try await storage.move(key, to: V2Layout.blobData(digest))
        }
    }

    /// A small blob whole.
    ///
    /// - Throws: `StorageError.unreadable` when its bytes do not have the digest.
    func read(_ digest: Digest, limit: Int) async throws -> ByteBuffer? {
        let key = V2Layout.blobData(digest)
        guard let bytes = try await storage.read(key, limit: limit) else { return nil }
        guard Digest(digest.algorithm, of: bytes.readableBytesView) == digest else {
            throw StorageError.unreadable(key, reason: "its bytes do not have the digest that it is named by")
        }
        return bytes
    }
}
