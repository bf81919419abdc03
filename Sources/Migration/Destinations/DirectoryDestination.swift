package import Conversion
package import ImageModel
import NIOCore
package import RegistryCore
package import Storage

/// A registry's data directory in registry:2's layout.
///
/// In a storage that others write to, it follows the protocol of writers and collectors. A collector may remove a layer
/// that no manifest names yet; it is then imported again (``MissingBlob``).
package struct DirectoryDestination: MigrationDestination {
    package let workspace: any FileStorage
    package let transfer = BlobTransfer.copy
    private let registryBlobs: Blobs
    private let images: ImageImporter
    private let joiner: TagJoiner
    private let isReadOnly: Bool
    private let immutability: [ImmutabilityRule]

    /// - Parameters:
    ///   - storage: The directory.
    ///   - isReadOnly: Whether nothing may be written, not even to test whether links work.
    ///   - immutability: The rules that make tags of the directory immutable.
    package init(_ storage: any FileStorage, isReadOnly: Bool = false, immutability: [ImmutabilityRule] = []) {
        self.immutability = immutability
        self.workspace = storage
        let parts = RegistryParts(storage: storage.traits.isShared ? GuardedStorage(storage) : storage)
        self.registryBlobs = parts.blobs
        self.images = ImageImporter(into: parts)
        self.joiner = parts.joiner
        self.isReadOnly = isReadOnly
    }

    package func blobs(firstRepository: RepositoryName, onBytesSent: @escaping @Sendable (Int) -> Void)
        -> any BlobDestination
    {
        DirectoryBlobs(blobs: registryBlobs, files: workspace)
    }

    package func assumesPresent(_ blob: Descriptor) async throws -> Bool {
        try await registryBlobs.byteCount(of: blob.digest) == blob.size
    }

    package func linkObstacle(of file: LinkSource) async throws -> CopyReason? {
        try await isReadOnly ? nil : LinkTrial(workspace).obstacle(of: file)
    }

    package func current(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        try await joiner.v2Side(tag, in: name)
    }

    package func record(of tag: Tag, in name: RepositoryName) async throws -> TagRecord? {
        try await joiner.record(of: tag, in: name)
    }

    package func publish(
        _ image: ConvertedImage,
        _ layers: [UploadedLayer],
        from origin: V1ImageID?,
        as tag: Tag,
        in name: RepositoryName
    ) async throws {
        try await refuseIfImmutable(tag, other: image.manifestDigest, in: name)
        do {
            try await images.store(image, layers: layers.map(\.blob.digest), from: origin, as: tag, in: name, joiner)
        } catch let error as StorageError {
            let lost = layers.first { error == .absent(V2Layout.blobData($0.blob.digest)) }
            guard let lost else { throw error }
            throw MissingBlob(digest: lost.blob.digest, name: lost.firstRepository)
        }
    }

    /// Refuses to point an existing immutable tag to another manifest.
    private func refuseIfImmutable(_ tag: Tag, other manifest: Digest, in name: RepositoryName) async throws {
        guard let rule = immutability.first(where: { $0.covers(tag.description, in: name.description) }),
            let current = try await current(tag, in: name)?.value, current != manifest
        else { return }
        throw ImmutableTag(tag: tag, name: name, rule: rule)
    }

    package func withdraw(_ tag: Tag, naming manifest: Digest, in name: RepositoryName) async throws {
        guard try await current(tag, in: name)?.value == manifest else { return }
        try await joiner.withdraw(tag, in: name)
    }

    package func document(
        _ digest: Digest,
        _ kind: StoredDocument,
        in name: RepositoryName
    ) async throws -> [UInt8]? {
        try await workspace.read(V2Layout.blobData(digest), limit: Manifests.byteLimit).map { Array(buffer: $0) }
    }
}

/// A tag of the destination is immutable, and points to another image.
struct ImmutableTag: Error, CustomStringConvertible {
    let tag: Tag
    let name: RepositoryName
    let rule: ImmutabilityRule

    var description: String {
        "the tag \(tag) of \(name) is immutable by the rule \(rule), and points to another image"
    }
}

/// The blobs of a registry's directory. Layers of other trees are linked into it where that works.
struct DirectoryBlobs: BlobDestination {
    let blobs: Blobs
    let files: any FileStorage

    func byteCount(of digest: Digest) async throws -> Int64? { try await blobs.byteCount(of: digest) }

    func put(_ source: LinkSource, as blob: Descriptor, allowing policy: LinkPolicy) async throws -> LinkOutcome {
        try await files.link(source, to: V2Layout.blobData(blob.digest), allowing: policy)
    }

    func put(_ staged: any StagedObject, as blob: Descriptor) async throws { try await blobs.put(staged, as: blob) }

    func withdraw(_ digest: Digest) async throws { try await blobs.withdraw(digest) }

    func actualDigest(of digest: Digest, progress: @Sendable (Int) async throws -> Void) async throws -> Digest? {
        try await blobs.actualDigest(of: digest, progress: progress)
    }
}

/// Tests whether files can be linked into a directory, by linking one: there is no other way to know.
struct LinkTrial {
    private let storage: any FileStorage

    init(_ storage: any FileStorage) { self.storage = storage }

    /// Why the file was not linked, or nil when it was. The trial link is removed again.
    func obstacle(of file: LinkSource) async throws -> CopyReason? {
        let trial = OwnLayout.staging.appending("link-trial")
        let outcome = try await storage.link(file, to: trial, allowing: .hardLink)
        try await storage.remove(trial)
        switch outcome {
        // Only this one file has reached its maximum number of links.
        case .reflink(.tooManyLinks), .copy(.tooManyLinks): return nil
        case .reflink(let reason), .copy(let reason): return reason
        case .alreadyThere, .hardLink, .freshCopyLinked: return nil
        }
    }
}
