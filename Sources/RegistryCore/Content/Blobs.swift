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

    /// The digests that links name, as a single one is read.
    private func linked(by named: [(key: ObjectKey, digest: Digest)]) async throws -> [Digest?] {
        do { return try await links.read(named) } catch let error as StorageError where error.isOfOneObject {
            var digests: [Digest?] = []
            for link in named { digests.append(try await linked(by: link.key)) }
            return digests
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

    /// Looks for blobs of a repository, and requires those that are there of `batch`.
    ///
    /// - Parameter sizes: How many bytes a manifest says that each has.
    /// - Returns: Those that are not there.
    func require(
        _ digests: [Digest],
        sized sizes: [Digest: Set<Int64>],
        in name: RepositoryName,
        _ batch: inout WriteBatch
    ) async throws -> [Digest] {
        try await require(digests.map { (V2Layout.layerLink($0, in: name), $0) }, sized: sizes, &batch)
    }

    /// Looks for blobs that links name, and requires links and blobs of `batch` where both are there.
    ///
    /// - Returns: The digests of those that are not there.
    func require(
        _ named: [(key: ObjectKey, digest: Digest)],
        sized sizes: [Digest: Set<Int64>],
        _ batch: inout WriteBatch
    ) async throws -> [Digest] {
        guard !named.isEmpty else { return [] }
        let linked = try await linked(by: named)
        let files = try await storage.attributes(of: linked.compactMap { $0.map(V2Layout.blobData) })
        var rest = files[...]
        var missing: [Digest] = []
        for (link, linked) in zip(named, linked) {
            guard let linked, let file = rest.removeFirst(),
                try await holds(linked, file, sized: sizes[link.digest] ?? [])
            else {
                missing.append(link.digest)
                continue
            }
            batch.require(V2Layout.blobData(linked), byteCount: file.byteCount)
            batch.require(link.key)
        }
        return missing
    }

    /// Whether a file has the bytes of a blob, where a manifest says how many those are.
    ///
    /// A file of another length may be damaged, and is read once. If it is sound, the manifest is wrong, and that is its
    /// author's concern.
    private func holds(_ digest: Digest, _ file: ObjectAttributes, sized sizes: Set<Int64>) async throws -> Bool {
        guard checks.mayHold(digest, file) else { return false }
        if sizes.allSatisfy({ $0 == file.byteCount }) { return true }
        return try await checks.isSound(digest)
    }

    /// Makes a stored blob one of the repository's.
    func link(_ digest: Digest, into name: RepositoryName) async throws {
        var batch = WriteBatch()
        batch.require(V2Layout.blobData(digest))
        batch.link(digest, at: V2Layout.layerLink(digest, in: name))
        try await storage.commit(batch)
    }

    /// Makes a blob of one repository one of another's as well, and returns whether there was such a blob.
    ///
    /// - Parameter source: The repository that has it; nil for a blob that any repository may have.
    func mount(_ digest: Digest, from source: RepositoryName?, into name: RepositoryName) async throws -> Bool {
        var linked: Digest? = digest
        // The content of the link, not its path, names the blob.
        if let source { linked = try await self.linked(by: V2Layout.layerLink(digest, in: source)) }
        guard let linked, let byteCount = try await byteCount(of: linked) else { return false }
        var batch = WriteBatch()
        batch.link(linked, at: V2Layout.layerLink(digest, in: name))
        // Behind the link: what keeps the bytes from being collected is there by then.
        batch.require(V2Layout.blobData(linked), byteCount: byteCount)
        do { try await storage.commit(batch) } catch StorageError.absent { return false }
        return true
    }

    /// Takes a blob out of the repository, and returns whether it was there. Its bytes stay.
    func unlink(_ digest: Digest, from name: RepositoryName) async throws -> Bool {
        let key = V2Layout.layerLink(digest, in: name)
        guard try await storage.attributes(of: key) != nil else { return false }
        var batch = WriteBatch()
        batch.remove(key)
        batch.discard(key.parent)
        try await storage.commit(batch)
        return true
    }

    /// Stores a small blob, such as a manifest or a configuration.
    func write(_ bytes: ByteBuffer, as digest: Digest) async throws {
        var batch = WriteBatch()
        batch.blob(bytes, as: digest)
        try await storage.commit(batch)
    }

    /// Makes an object in the making, whose digests the caller knows, a blob. Nothing else is left of it.
    ///
    /// - Parameters:
    ///   - digest: What the client calls it.
    ///   - twin: Its SHA-256, under which the bytes are stored: under another algorithm they are the same file.
    ///   - name: The repository whose blob it is to be; nil for none.
    func adopt(
        _ staged: any StagedObject,
        as digest: Digest,
        storedAs twin: Digest,
        in name: RepositoryName? = nil
    ) async throws {
        let byteCount = staged.byteCount
        let data = V2Layout.blobData(twin)
        // What is there by that name and has another size is damaged: the pushed bytes, which were hashed, mend it.
        var naming = WriteBatch()
        if digest != twin { naming.share(data, as: V2Layout.blobData(digest)) }
        if let name { naming.link(digest, at: V2Layout.layerLink(digest, in: name)) }
        var end = WriteBatch()
        end.discard(staged)
        if try await self.byteCount(of: twin) == byteCount {
            var batch = naming
            // Behind the link: what keeps the bytes from being collected is there by then.
            batch.require(data, byteCount: byteCount)
            batch.append(end)
            do { return try await storage.commit(batch) } catch StorageError.absent {
                // It was taken away in the meantime: then the pushed bytes are needed.
            }
        }
        var batch = WriteBatch()
        batch.promote(staged, to: data)
        batch.append(naming)
        batch.append(end)
        try await storage.commit(batch)
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

extension WriteBatch {
    /// Stores a small blob, such as a manifest or a configuration.
    ///
    /// Bytes are stored under their SHA-256; under another algorithm they are the same file.
    mutating func blob(_ bytes: ByteBuffer, as digest: Digest) {
        guard digest.algorithm != .sha256 else { return ensure(bytes, at: V2Layout.blobData(digest)) }
        let twin = V2Layout.blobData(Digest(.sha256, of: bytes.readableBytesView))
        ensure(bytes, at: twin)
        share(twin, as: V2Layout.blobData(digest))
    }

    /// Makes the empty layer one of the repository's: images of old have it without anybody having pushed it.
    mutating func emptyLayer(in name: RepositoryName) {
        blob(ByteBuffer(bytes: EmptyLayer.bytes), as: EmptyLayer.digest)
        link(EmptyLayer.digest, at: V2Layout.layerLink(EmptyLayer.digest, in: name))
    }
}
