package import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The manifests of all repositories: blobs with revision links.
package struct Manifests: Sendable {
    /// The maximum size of a manifest in bytes.
    package static let byteLimit = 4 << 20
    /// The maximum size of a schema1 manifest including the signatures added here.
    static let signedByteLimit = byteLimit + 64 << 10

    let storage: any ObjectStorage
    private let blobs: Blobs
    private let links: Links
    /// Which manifests of a pushed index must exist.
    let indexes: IndexCompleteness

    /// - Parameter indexes: Which manifests of a pushed index must exist.
    init(blobs: Blobs, links: Links, indexes: IndexCompleteness = .all) {
        self.storage = links.storage
        self.blobs = blobs
        self.indexes = indexes
        self.links = links
    }

    /// The manifest of a repository with this digest, byte for byte as pushed, even if it cannot be interpreted.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)``; `StorageError.unreadable` if its bytes do not
    ///   match the digest.
    package func read(_ digest: Digest, in name: RepositoryName) async throws -> Manifest {
        try await DocumentScope.reading { try await readInScope(digest, in: name) }
    }

    private func readInScope(_ digest: Digest, in name: RepositoryName) async throws -> Manifest {
        guard let linked = try await links.read(V2Layout.revisionLink(digest, in: name)),
            let bytes = try await blobs.read(linked, limit: Self.byteLimit)
        else { throw RegistryError.manifestUnknown(reference: digest.description, reason: nil) }
        let key = V2Layout.blobData(linked)
        guard linked == digest || Digest(digest.algorithm, of: bytes.readableBytesView) == digest else {
            throw StorageError.unreadable(key, reason: "it is linked as \(digest), but has another digest")
        }
        let manifest = await HeavyWork.parsing(bytes.readableBytes) { Manifest(stored: Array(buffer: bytes)) }
        guard !manifest.tarsums.isEmpty else { return manifest }
        return Manifest(stored: manifest.bytes, layers: try await blobs.layers(manifest.tarsums, in: name))
    }

    /// Whether the repository has a manifest with that digest.
    ///
    /// The link may contain another digest of the same bytes: registry:2 writes the SHA-256 even for other algorithms.
    func contains(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        try await links.read(V2Layout.revisionLink(digest, in: name)) != nil
    }

    /// Whether the repository has a link for a manifest with that digest, even a damaged one.
    func hasLink(_ digest: Digest, in name: RepositoryName) async throws -> Bool {
        try await storage.exist([V2Layout.revisionLink(digest, in: name)]) == [true]
    }

    /// The manifests of a repository, tagged or not, ordered by digest.
    func list(in name: RepositoryName) async throws -> [Digest] {
        var digests: [Digest] = []
        for algorithm in Digest.Algorithm.allCases {
            var rest = try await storage.list(V2Layout.revisions(of: name, algorithm))[...]
            while !rest.isEmpty {
                let some = rest.prefix(256).compactMap { try? Digest(algorithm, hex: $0.name) }
                rest = rest.dropFirst(256)
                // registry:2 deletes the link of a manifest, and leaves its directory.
                let links = try await storage.exist(some.map { V2Layout.revisionLink($0, in: name) })
                for (digest, isThere) in zip(some, links) where isThere { digests.append(digest) }
            }
        }
        return digests
    }

    /// Adds the removal of a manifest from the repository to `batch`. Its bytes stay until they are collected.
    func remove(_ digest: Digest, from name: RepositoryName, _ batch: inout WriteBatch) {
        let link = V2Layout.revisionLink(digest, in: name)
        batch.remove(link)
        batch.discard(link.parent)
    }

    /// Creates the batch that stores a pushed manifest, after checking everything it references.
    ///
    /// References are checked again after the manifest's link is written, which protects them from collection from then
    /// on.
    /// - Parameters:
    ///   - adopted: Blobs that the same commit adds to the repository.
    ///   - isTagged: Whether the same commit sets a tag to the manifest.
    /// - Throws: ``RegistryError/manifestBlobsUnknown(_:)`` with all missing blobs and manifests.
    func batch(
        storing manifest: Manifest,
        as digest: Digest,
        in name: RepositoryName,
        adopting adopted: Set<Digest> = [],
        isTagged: Bool = false
    ) async throws -> WriteBatch {
        var required = WriteBatch()
        let missing = try await missingReferences(of: manifest, in: name, besides: adopted, &required)
        guard missing.isEmpty else { throw RegistryError.manifestBlobsUnknown(missing) }
        var batch = WriteBatch()
        batch.manifest(manifest.bytes, as: digest, in: name, isTagged: isTagged)
        batch.append(required)
        return batch
    }

    /// Commits a batch created by ``batch(storing:as:in:adopting:)``.
    ///
    /// - Throws: ``RegistryError/manifestBlobsUnknown(_:)`` if a reference was removed in the meantime.
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
    /// Stores a manifest whose references are known to exist.
    ///
    /// - Parameter isTagged: Whether a tag is set to it soon. Otherwise only a young link keeps it until an index names it.
    mutating func manifest(_ bytes: [UInt8], as digest: Digest, in name: RepositoryName, isTagged: Bool = true) {
        blob(ByteBuffer(bytes: bytes), as: digest)
        let key = V2Layout.revisionLink(digest, in: name)
        if isTagged { link(digest, at: key) } else { renewLink(digest, at: key) }
    }
}

extension Manifest {
    /// The sizes given by the descriptors of this manifest.
    fileprivate var claimedSizes: [Digest: Set<Int64>] {
        var sizes: [Digest: Set<Int64>] = [:]
        for descriptor in [configuration].compactMap(\.self) + layers + manifests.map(\.descriptor) {
            sizes[descriptor.digest, default: []].insert(descriptor.size)
        }
        return sizes
    }
}
