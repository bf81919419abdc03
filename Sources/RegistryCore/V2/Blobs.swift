import Conversion
package import ImageModel
import Logging
import NIOCore
package import Storage
import SystemLibraries

/// The blobs of all repositories, each stored once, and the links that make them a repository's.
package struct Blobs: Sendable {
    let storage: any ObjectStorage
    private let links: Links
    /// What is known of the blobs' files: shared by all copies of this.
    let checks: BlobChecks

    /// - Parameter logger: For blobs that are damaged; nil where nothing is logged.
    init(links: Links, logger: Logger? = nil) {
        self.storage = links.storage
        self.links = links
        self.checks = BlobChecks(storage: links.storage, logger: logger)
    }

    /// Opens a blob of a repository.
    ///
    /// - Throws: ``RegistryError/blobUnknown(_:)`` when the repository has no such blob.
    package func open(_ digest: Digest, in name: RepositoryName) async throws -> any ObjectReader {
        let key = V2Layout.layerLink(digest, in: name)
        var found: LinkedObject?
        do {
            found = try await storage.open(V2Layout.blobData(digest), with: key, prefetching: Self.smallByteCount)
            guard found?.link != nil else { throw RegistryError.blobUnknown(digest) }
        } catch let error as StorageError where error.isOfOneObject {
            // Which of the two is damaged shows when they are read one after the other.
            found = nil
        }
        if let reader = found?.object, found?.link == ByteBuffer(string: digest.description) {
            guard checks.mayHold(digest, reader.attributes) else { throw RegistryError.blobUnknown(digest) }
            return reader
        }
        // The content of the link, not its path, names the blob; and a link may be half-written.
        guard let linked = try await linked(by: key), let reader = try await open(linked) else {
            throw RegistryError.blobUnknown(digest)
        }
        return reader
    }

    /// The digest that a link names; nil where there is none, and where it is damaged: a push writes it anew, and until
    /// then the blob alone is absent.
    private func linked(by key: ObjectKey) async throws -> Digest? {
        do { return try await links.read(key) } catch let error as StorageError where error.isOfOneObject {
            checks.note(error, of: key)
            return nil
        }
    }

    /// What is read when it is opened: it is cheaper than a second step.
    private static let smallByteCount = 16 << 10

    /// Opens a blob, whosever it is, or answers nil when it is not stored.
    func open(_ digest: Digest) async throws -> (any ObjectReader)? {
        guard let reader = try await storage.open(V2Layout.blobData(digest)),
            checks.mayHold(digest, reader.attributes)
        else { return nil }
        return reader
    }

    /// Whether the repository has the blob.
    func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        guard let linked = try await linked(by: V2Layout.layerLink(digest, in: name)) else { return false }
        return try await contains(linked)
    }

    /// The digest of the blob that a tarsum names in a repository, or nil when it names none.
    func digest(of tarsum: Tarsum, in name: RepositoryName) async throws -> Digest? {
        try await linked(by: V2Layout.layerLink(tarsum, in: name))
    }

    /// The digests of the layers that tarsums name in a repository, as far as there are such.
    func layers(_ tarsums: [Tarsum], in name: RepositoryName) async throws -> [Tarsum: Digest] {
        var layers: [Tarsum: Digest] = [:]
        for tarsum in tarsums where layers[tarsum] == nil { layers[tarsum] = try await digest(of: tarsum, in: name) }
        return layers
    }

    /// Whether the blob is stored, whosever it is.
    func contains(_ digest: Digest) async throws -> Bool { try await byteCount(of: digest) != nil }

    /// Whether the repository has the blob, where a manifest says how many bytes it has.
    ///
    /// A file of another length may be damaged, and is read once. If it is sound, it is the manifest that is wrong, which
    /// is the affair of who wrote it.
    func contains(_ digest: Digest, sized sizes: Set<Int64>, in name: RepositoryName) async throws -> Bool {
        guard let linked = try await linked(by: V2Layout.layerLink(digest, in: name)) else { return false }
        return try await contains(linked, sized: sizes)
    }

    /// Whether the blob is stored, whosever it is, where a manifest says how many bytes it has.
    func contains(_ digest: Digest, sized sizes: Set<Int64>) async throws -> Bool {
        guard let byteCount = try await byteCount(of: digest) else { return false }
        if sizes.allSatisfy({ $0 == byteCount }) { return true }
        return try await checks.isSound(digest)
    }

    /// Makes blobs that were found in a repository durable, where others may have brought them a moment ago.
    func settle(_ digests: [Digest], in name: RepositoryName) async throws {
        try await storage.settle(digests.flatMap { [V2Layout.layerLink($0, in: name), V2Layout.blobData($0)] })
    }

    /// Makes a stored blob one of the repository's.
    func link(_ digest: Digest, into name: RepositoryName) async throws {
        try await links.write(digest, to: V2Layout.layerLink(digest, in: name))
    }

    /// What has to be written to make a stored blob one of the repository's; nil when it is, durably.
    func newLink(to digest: Digest, in name: RepositoryName) async throws -> NewObject? {
        try await links.newLink(to: digest, at: V2Layout.layerLink(digest, in: name))
    }

    /// Makes a blob of one repository one of another's as well, and answers whether there was such a blob.
    ///
    /// - Parameter source: The repository that has it; nil for a blob that any repository may have.
    func mount(_ digest: Digest, from source: RepositoryName?, into name: RepositoryName) async throws -> Bool {
        var linked: Digest? = digest
        // The content of the link, not its path, names the blob.
        if let source { linked = try await self.linked(by: V2Layout.layerLink(digest, in: source)) }
        guard let linked, try await contains(linked) else { return false }
        try await storage.settle([V2Layout.blobData(linked)])
        try await links.write(linked, to: V2Layout.layerLink(digest, in: name))
        return true
    }

    /// Makes the empty layer one of the repository's: images of old have it without anybody having pushed it.
    func writeEmptyLayer(into name: RepositoryName) async throws {
        try await write(ByteBuffer(bytes: EmptyLayer.bytes), as: EmptyLayer.digest)
        try await link(EmptyLayer.digest, into: name)
    }

    /// Takes a blob out of the repository, and answers whether it was there. Its bytes stay.
    func unlink(_ digest: Digest, from name: RepositoryName) async throws -> Bool {
        let key = V2Layout.layerLink(digest, in: name)
        guard try await storage.attributes(of: key) != nil else { return false }
        try await storage.removeAll(below: key.parent)
        return true
    }

    /// Stores a small blob, such as a manifest or a configuration, and answers whether it was new.
    @discardableResult
    func write(_ bytes: ByteBuffer, as digest: Digest) async throws -> Bool {
        guard let object = try await newObject(bytes, as: digest) else { return false }
        if digest.algorithm == .sha256 {
            try await storage.write(object.bytes, to: object.key)
        } else {
            let twin = Digest(.sha256, of: bytes.readableBytesView)
            try await write(bytes, as: twin)
            try await share(twin, as: digest)
        }
        return true
    }

    /// What has to be written for a small blob to be stored; nil when it is, durably.
    func newObject(_ bytes: ByteBuffer, as digest: Digest) async throws -> NewObject? {
        let key = V2Layout.blobData(digest)
        guard try await byteCount(of: digest) == Int64(bytes.readableBytes) else { return NewObject(bytes, at: key) }
        try await storage.settle([key])
        return nil
    }

    /// Makes a finished object, whose digests the caller knows, the blob. Nothing is left under `key`.
    ///
    /// - Parameters:
    ///   - digest: What the client calls it.
    ///   - twin: Its SHA-256, under which the bytes are stored: under another algorithm they are the same file.
    ///     Nil where `digest` is that.
    func adopt(_ key: ObjectKey, as digest: Digest, storedAs twin: Digest? = nil) async throws {
        let twin = twin ?? digest
        let data = V2Layout.blobData(twin)
        let files = try await storage.attributes(of: [key, data])
        // What is there by that name and has another size is damaged: the pushed bytes, which were hashed, mend it.
        if let pushed = files[0], let present = files[1], checks.mayHold(twin, present),
            present.byteCount == pushed.byteCount
        {
            try await storage.settle([data])
            try await storage.remove(key)
        } else {
            try await storage.move(key, to: data)
        }
        if digest != twin { try await share(twin, as: digest) }
    }

    /// Gives a stored blob a second digest.
    private func share(_ twin: Digest, as digest: Digest) async throws {
        let source = LinkSource(V2Layout.blobData(twin), in: storage)
        _ = try await storage.link(source, to: V2Layout.blobData(digest), allowing: .hardLink)
    }

    /// A small blob whole.
    ///
    /// - Throws: `StorageError.unreadable` when its bytes do not have the digest.
    func read(_ digest: Digest, limit: Int) async throws -> ByteBuffer? {
        let key = V2Layout.blobData(digest)
        guard let bytes = try await storage.readDocument(key, limit: limit) else { return nil }
        guard Digest(digest.algorithm, of: bytes.readableBytesView) == digest else {
            throw StorageError.unreadable(key, reason: "its bytes do not have the digest that it is named by")
        }
        return bytes
    }
}
