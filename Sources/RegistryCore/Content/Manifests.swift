package import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The manifests of all repositories: blobs that a repository's revisions name.
package struct Manifests: Sendable {
    /// The most bytes that a manifest may have.
    package static let byteLimit = 4 << 20
    /// The most bytes that a schema1 manifest has with the signatures that are put into it here.
    static let signedByteLimit = byteLimit + 64 << 10

    let storage: any ObjectStorage
    private let blobs: Blobs
    private let links: Links
    private let indexes: IndexCompleteness

    /// - Parameter indexes: What an index that is pushed may lack.
    init(blobs: Blobs, links: Links, indexes: IndexCompleteness = .all) {
        self.storage = links.storage
        self.blobs = blobs
        self.indexes = indexes
        self.links = links
    }

    /// The manifest of a repository that has `digest`, byte for byte as it came, whatever it is.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)``; `StorageError.unreadable` when its bytes do not have
    ///   the digest.
    package func read(_ digest: Digest, in name: RepositoryName) async throws -> Manifest {
        try await DocumentScope.reading { try await readInScope(digest, in: name) }
    }

    private func readInScope(_ digest: Digest, in name: RepositoryName) async throws -> Manifest {
        guard let linked = try await links.read(V2Layout.revisionLink(digest, in: name)),
            let bytes = try await blobs.read(linked, limit: Self.byteLimit)
        else { throw RegistryError.manifestUnknown(reference: digest.description, reason: nil) }
        let key = V2Layout.blobData(linked)
        guard linked == digest || Digest(digest.algorithm, of: bytes.readableBytesView) == digest else {
            throw StorageError.unreadable(key, reason: "it is linked as \(digest), which its bytes do not have")
        }
        let manifest = await HeavyWork.parsing(bytes.readableBytes) { Manifest(stored: Array(buffer: bytes)) }
        guard !manifest.tarsums.isEmpty else { return manifest }
        return Manifest(stored: manifest.bytes, layers: try await blobs.layers(manifest.tarsums, in: name))
    }

    /// Whether the repository has a manifest of that digest.
    ///
    /// The link's content may be another digest of the same bytes: registry:2 writes that of SHA-256 under another's path.
    func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        try await links.read(V2Layout.revisionLink(digest, in: name)) != nil
    }

    /// Whether something stands where the repository notes a manifest of that digest, were it damaged.
    func hasLink(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        try await storage.exist([V2Layout.revisionLink(digest, in: name)]) == [true]
    }

    /// Adds to `batch` what takes a manifest out of the repository. Its bytes stay until they are collected.
    func remove(_ digest: Digest, from name: RepositoryName, _ batch: inout WriteBatch) {
        let link = V2Layout.revisionLink(digest, in: name)
        batch.remove(link)
        batch.discard(link.parent)
    }

    /// What stores a pushed manifest, after looking for all that it refers to.
    ///
    /// What it refers to is looked for again behind the manifest's link, which keeps it from being collected by then.
    /// - Parameter adopted: Blobs that become the repository's by the same commit.
    /// - Throws: ``RegistryError/manifestBlobsUnknown(_:)`` with every blob and manifest that is missing.
    func batch(
        storing manifest: Manifest,
        as digest: Digest,
        in name: RepositoryName,
        adopting adopted: Set<Digest> = []
    ) async throws -> WriteBatch {
        var required = WriteBatch()
        let missing = try await missingReferences(of: manifest, in: name, besides: adopted, &required)
        guard missing.isEmpty else { throw RegistryError.manifestBlobsUnknown(missing) }
        var batch = WriteBatch()
        batch.manifest(manifest.bytes, as: digest, in: name)
        batch.append(required)
        return batch
    }

    /// Makes the changes of a batch that ``batch(storing:as:in:adopting:)`` has begun.
    ///
    /// - Throws: ``RegistryError/manifestBlobsUnknown(_:)`` when something was taken away that it refers to.
    func commit(_ batch: WriteBatch, storing manifest: Manifest, in name: RepositoryName) async throws {
        do { try await storage.commit(batch) } catch StorageError.absent(let key) {
            var required = WriteBatch()
            let missing = try await missingReferences(of: manifest, in: name, besides: [], &required)
            throw missing.isEmpty ? StorageError.absent(key) : RegistryError.manifestBlobsUnknown(missing)
        }
    }

    private func missingReferences(
        of manifest: Manifest,
        in name: RepositoryName,
        besides adopted: Set<Digest>,
        _ required: inout WriteBatch
    ) async throws -> [Digest] {
        let sizes = manifest.claimedSizes
        let blobs = manifest.requiredBlobs.filter { !adopted.contains($0) }
        var missing = try await self.blobs.require(blobs, sized: sizes, in: name, &required)
        let children = indexes.requiredChildren(of: manifest)
        let links = children.map { (key: V2Layout.revisionLink($0, in: name), digest: $0) }
        let others = try await self.blobs.require(links, sized: sizes, &required)
        // BuildKit's caches are indexes of blobs.
        missing += try await self.blobs.require(others, sized: sizes, in: name, &required)
        return missing
    }
}

extension WriteBatch {
    /// Stores a manifest whose references are known to be here.
    mutating func manifest(_ bytes: [UInt8], as digest: Digest, in name: RepositoryName) {
        blob(ByteBuffer(bytes: bytes), as: digest)
        link(digest, at: V2Layout.revisionLink(digest, in: name))
    }
}

extension Manifest {
    /// The sizes that the descriptors of this manifest say of what they name.
    fileprivate var claimedSizes: [Digest: Set<Int64>] {
        var sizes: [Digest: Set<Int64>] = [:]
        for descriptor in [configuration].compactMap(\.self) + layers + manifests.map(\.descriptor) {
            sizes[descriptor.digest, default: []].insert(descriptor.size)
        }
        return sizes
    }
}
