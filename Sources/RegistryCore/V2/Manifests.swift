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

    /// Takes a manifest out of the repository. Its bytes stay until they are collected.
    func remove(_ digest: Digest, from name: RepositoryName) async throws {
        try await storage.removeAll(below: V2Layout.revisionLink(digest, in: name).parent)
    }

    /// Stores a pushed manifest after looking for all that it refers to.
    ///
    /// - Throws: ``RegistryError/manifestBlobsUnknown(_:)`` with every blob and manifest that is missing.
    func write(_ manifest: Manifest, as digest: Digest, in name: RepositoryName) async throws {
        let missing = try await missingReferences(of: manifest, in: name)
        guard missing.isEmpty else { throw RegistryError.manifestBlobsUnknown(missing) }
        try await blobs.settle(manifest.requiredBlobs, in: name)
        let children = manifest.manifests.map(\.descriptor.digest)
        try await storage.settle(children.map { V2Layout.revisionLink($0, in: name) })
        try await blobs.settle(children, in: name)
        try await store(manifest.bytes, as: digest, in: name)
    }

    /// Stores a manifest whose references are known to be here.
    func store(_ bytes: [UInt8], as digest: Digest, in name: RepositoryName) async throws {
        try await blobs.write(ByteBuffer(bytes: bytes), as: digest)
        try await links.write(digest, to: V2Layout.revisionLink(digest, in: name))
    }

    /// What has to be written for ``store(_:as:in:)``, of a manifest that is named by its SHA-256.
    func newObjects(_ bytes: [UInt8], as digest: Digest, in name: RepositoryName) async throws -> [NewObject] {
        let blob = try await blobs.newObject(ByteBuffer(bytes: bytes), as: digest)
        let link = try await links.newLink(to: digest, at: V2Layout.revisionLink(digest, in: name))
        return [blob, link].compactMap(\.self)
    }

    private func missingReferences(of manifest: Manifest, in name: RepositoryName) async throws -> [Digest] {
        var missing: [Digest] = []
        let sizes = manifest.claimedSizes
        for digest in manifest.requiredBlobs {
            if try await !blobs.contains(digest, sized: sizes[digest] ?? [], in: name) { missing.append(digest) }
        }
        for child in indexes.requiredChildren(of: manifest) {
            if try await contains(child, sized: sizes[child] ?? [], in: name) { continue }
            // BuildKit's caches are indexes of blobs.
            if try await !blobs.contains(child, sized: sizes[child] ?? [], in: name) { missing.append(child) }
        }
        return missing
    }

    /// Whether the repository has a manifest, whose bytes are as a list of manifests says or were read.
    private func contains(_ digest: Digest, sized sizes: Set<Int64>, in name: RepositoryName) async throws -> Bool {
        guard let linked = try await links.read(V2Layout.revisionLink(digest, in: name)) else { return false }
        return try await blobs.contains(linked, sized: sizes)
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
