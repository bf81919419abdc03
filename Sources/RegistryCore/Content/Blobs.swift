import Conversion
package import ImageModel
import Logging
import NIOCore
package import Storage
import SystemLibraries

/// The blobs of all repositories, each stored once, and the links that make them belong to repositories.
package struct Blobs: Sendable {
    let storage: any ObjectStorage
    private let links: Links
    /// The verification state of blob files, shared by all copies of this value.
    let checks: BlobChecks

    /// - Parameter logger: Logs damaged blobs; nil disables logging.
    init(links: Links, logger: Logger? = nil) {
        self.storage = links.storage
        self.links = links
        self.checks = BlobChecks(storage: links.storage, logger: logger)
    }

    /// Opens a blob of a repository.
    ///
    /// - Throws: ``RegistryError/blobUnknown(_:)`` if the repository has no such blob.
    package func open(_ digest: Digest, in name: RepositoryName) async throws -> any ObjectReader {
        let key = V2Layout.layerLink(digest, in: name)
        var found: LinkedObject?
        do {
            found = try await storage.open(V2Layout.blobData(digest), with: key, prefetching: Self.smallByteCount)
            guard found?.link != nil else { throw RegistryError.blobUnknown(digest) }
        } catch let error as StorageError where error.isOfOneObject {
            // Reading them one after the other shows which of the two is damaged.
            found = nil
        }
        if let reader = found?.object, found?.link == ByteBuffer(string: digest.description) {
            guard checks.mayHold(digest, reader.attributes) else { throw RegistryError.blobUnknown(digest) }
            return reader
        }
        // The link's content, not its path, determines the blob; and a link may be half-written.
        guard let linked = try await linked(by: key), let reader = try await open(linked) else {
            throw RegistryError.blobUnknown(digest)
        }
        return reader
    }

    /// The digest a link points to; nil if there is none or it is damaged: the next push rewrites it, and until then
    /// only this blob is missing.
    func linked(by key: ObjectKey) async throws -> Digest? {
        do { return try await links.read(key) } catch let error as StorageError where error.isOfOneObject {
            checks.note(error, of: key)
            return nil
        }
    }

    /// The digests links point to, each as in the single-link version.
    private func linked(by named: [(key: ObjectKey, digest: Digest)]) async throws -> [Digest?] {
        do { return try await links.read(named) } catch let error as StorageError where error.isOfOneObject {
            var digests: [Digest?] = []
            for link in named { digests.append(try await linked(by: link.key)) }
            return digests
        }
    }

    /// Blobs up to this size are read on opening, which is cheaper than a second step.
    private static let smallByteCount = 16 << 10

    /// Opens a blob of any repository; returns nil if it is not stored.
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

    /// The digest of the blob a tarsum points to in a repository; nil if there is none.
    func digest(of tarsum: Tarsum, in name: RepositoryName) async throws -> Digest? {
        try await linked(by: V2Layout.layerLink(tarsum, in: name))
    }

    /// The digests of the layers that tarsums point to in a repository, where they exist.
    func layers(_ tarsums: [Tarsum], in name: RepositoryName) async throws -> [Tarsum: Digest] {
        var layers: [Tarsum: Digest] = [:]
        for tarsum in tarsums where layers[tarsum] == nil { layers[tarsum] = try await digest(of: tarsum, in: name) }
        return layers
    }

    /// Whether the blob is stored, for any repository.
    func contains(_ digest: Digest) async throws -> Bool { try await byteCount(of: digest) != nil }

    /// Looks up blobs of a repository, and adds requirements for the existing ones to `batch`.
    ///
    /// - Parameter sizes: The sizes given by the manifest.
    /// - Returns: The missing digests.
    func require(
        _ digests: [Digest],
        sized sizes: [Digest: Set<Int64>],
        in name: RepositoryName,
        _ batch: inout WriteBatch
    ) async throws -> [Digest] {
        try await require(digests.map { (V2Layout.layerLink($0, in: name), $0) }, sized: sizes, &batch)
    }

    /// Looks up the blobs that links point to, and adds requirements for link and blob to `batch` if both exist.
    ///
    /// - Returns: The missing digests.
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

    /// Whether a file has the bytes of a blob, given the sizes from a manifest.
    ///
    /// A file of another size may be damaged, and is verified once. If it is intact, the manifest is wrong, which is
    /// its author's problem.
    private func holds(_ digest: Digest, _ file: ObjectAttributes, sized sizes: Set<Int64>) async throws -> Bool {
        guard checks.mayHold(digest, file) else { return false }
        if sizes.allSatisfy({ $0 == file.byteCount }) { return true }
        return try await checks.isSound(digest)
    }

    /// Creates the batch that mounts a blob in a repository; nil if there is no such blob. Committing it throws
    /// `StorageError.absent` if the blob is removed in the meantime.
    ///
    /// - Parameter source: The repository that has it; nil for a blob available to all.
    func mount(of digest: Digest, from source: RepositoryName?, into name: RepositoryName)
        async throws -> (batch: WriteBatch, byteCount: Int64)?
    {
        var linked: Digest? = digest
        // The link's content, not its path, determines the blob.
        if let source { linked = try await self.linked(by: V2Layout.layerLink(digest, in: source)) }
        guard let linked, let byteCount = try await byteCount(of: linked) else { return nil }
        var batch = WriteBatch()
        batch.renewLink(linked, at: V2Layout.layerLink(digest, in: name))
        // Checked after the link: from then on the link protects the bytes from garbage collection.
        batch.require(V2Layout.blobData(linked), byteCount: byteCount)
        return (batch, byteCount)
    }

    /// Creates the batch that removes a blob from the repository; nil if it is not there. Its bytes stay.
    func removal(of digest: Digest, from name: RepositoryName) async throws -> WriteBatch? {
        let key = V2Layout.layerLink(digest, in: name)
        guard try await storage.attributes(of: key) != nil else { return nil }
        var batch = WriteBatch()
        batch.remove(key)
        batch.discard(key.parent)
        return batch
    }

    /// Stores a small blob, such as a manifest or a configuration.
    func write(_ bytes: ByteBuffer, as digest: Digest) async throws {
        var batch = WriteBatch()
        batch.blob(bytes, as: digest)
        try await storage.commit(batch)
    }

    /// Turns a staged object, whose digests the caller knows, into a blob. Nothing else is left of it.
    ///
    /// - Parameters:
    ///   - digest: The digest the client uses.
    ///   - twin: Its SHA-256, under which the bytes are stored; other digests are links to the same file.
    ///   - name: The repository to link the blob to; nil for none.
    ///   - others: Changes to commit after it.
    func adopt(
        _ staged: any StagedObject,
        as digest: Digest,
        storedAs twin: Digest,
        in name: RepositoryName? = nil,
        with others: WriteBatch = WriteBatch()
    ) async throws {
        let byteCount = staged.byteCount
        let data = V2Layout.blobData(twin)
        // An existing file of another size is damaged: the pushed bytes, which have been hashed, repair it.
        var naming = WriteBatch()
        if digest != twin { naming.share(data, as: V2Layout.blobData(digest)) }
        if let name { naming.renewLink(digest, at: V2Layout.layerLink(digest, in: name)) }
        var end = WriteBatch()
        end.discard(staged)
        end.append(others)
        if try await self.byteCount(of: twin) == byteCount {
            var batch = naming
            // Checked after the link: from then on the link protects the bytes from garbage collection.
            batch.require(data, byteCount: byteCount)
            batch.append(end)
            do { return try await storage.commit(batch) } catch StorageError.absent {
                // It was removed in the meantime, so the pushed bytes are needed.
            }
        }
        var batch = WriteBatch()
        batch.promote(staged, to: data)
        batch.append(naming)
        batch.append(end)
        try await storage.commit(batch)
    }

    /// Reads a complete small blob.
    ///
    /// - Throws: `StorageError.unreadable` if its bytes do not match the digest.
    func read(_ digest: Digest, limit: Int) async throws -> ByteBuffer? {
        let key = V2Layout.blobData(digest)
        guard let bytes = try await storage.readDocument(key, limit: limit) else { return nil }
        guard Digest(digest.algorithm, of: bytes.readableBytesView) == digest else {
            throw StorageError.unreadable(key, reason: "its bytes do not match its digest")
        }
        return bytes
    }
}

extension WriteBatch {
    /// Stores a small blob, such as a manifest or a configuration.
    ///
    /// Bytes are stored under their SHA-256; other digests are links to the same file.
    mutating func blob(_ bytes: ByteBuffer, as digest: Digest) {
        guard digest.algorithm != .sha256 else { return ensure(bytes, at: V2Layout.blobData(digest)) }
        let twin = V2Layout.blobData(Digest(.sha256, of: bytes.readableBytesView))
        ensure(bytes, at: twin)
        share(twin, as: V2Layout.blobData(digest))
    }
}
