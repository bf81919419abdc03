package import Conversion
package import ImageModel
import NIOCore
package import RegistryCore
package import Storage

/// A directory that is an OCI image layout: blobs by digest, and an index that names the images.
///
/// OCI Image Specification 1.1, "Image Layout". An image's name in the index is `repository:tag`. Our own files are
/// kept under `longshore/`.
package actor LayoutDestination: MigrationDestination {
    package nonisolated let workspace: any FileStorage
    package nonisolated let transfer = BlobTransfer.copy
    private nonisolated let layoutBlobs: LayoutBlobs
    private nonisolated let isReadOnly: Bool
    private var index: LayoutIndex
    /// The number of changes to the index, and the last of them that is on disk.
    private var version = 0
    private var writtenVersion = 0
    /// The latest write of the index; the next one waits for it.
    private var lastWrite: Task<Void, any Error>?

    private static let marker = ObjectKey.root.appending("oci-layout")
    private static let indexKey = ObjectKey.root.appending("index.json")

    /// Opens the layout in a directory, or creates one.
    ///
    /// - Throws: ``MalformedLayoutIndex`` when `index.json` is not that of an image layout.
    package init(_ storage: any FileStorage, isReadOnly: Bool = false) async throws {
        self.workspace = storage
        self.layoutBlobs = LayoutBlobs(storage: storage)
        self.isReadOnly = isReadOnly
        if let bytes = try await storage.read(Self.indexKey, limit: 256 << 20) {
            self.index = try LayoutIndex(parsing: Array(buffer: bytes))
        } else {
            self.index = LayoutIndex()
            guard !isReadOnly else { return }
            try await storage.write(ByteBuffer(bytes: LayoutIndex().encoded), to: Self.indexKey)
        }
        if !isReadOnly {
            try await storage.write(ByteBuffer(string: #"{"imageLayoutVersion":"1.0.0"}"#), to: Self.marker)
        }
    }

    package nonisolated func blobs(firstRepository: RepositoryName, onBytesSent: @escaping @Sendable (Int) -> Void)
        -> any BlobDestination
    {
        layoutBlobs
    }

    package nonisolated func assumesPresent(_ blob: Descriptor) async throws -> Bool {
        try await layoutBlobs.byteCount(of: blob.digest) == blob.size
    }

    package nonisolated func linkObstacle(of file: LinkSource) async throws -> CopyReason? {
        try await isReadOnly ? nil : LinkTrial(workspace).obstacle(of: file)
    }

    package func current(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        // An index has no times: a tag that no run has written counts as newer.
        index["\(name):\(tag)"].map { TagSide(value: $0.digest, modified: .max) }
    }

    package nonisolated func record(of tag: Tag, in name: RepositoryName) async throws -> TagRecord? { nil }

    package func publish(
        _ image: ConvertedImage,
        _ layers: [UploadedLayer],
        from origin: V1ImageID?,
        as tag: Tag,
        in name: RepositoryName
    ) async throws {
        try await layoutBlobs.write(image.configuration, as: image.configurationDigest)
        try await layoutBlobs.write(image.manifest, as: image.manifestDigest)
        let manifest = Descriptor(
            mediaType: image.format.manifestType,
            digest: image.manifestDigest,
            size: Int64(image.manifest.count)
        )
        index.set(manifest, name: "\(name):\(tag)")
        try await writeIndex()
    }

    package func withdraw(_ tag: Tag, naming manifest: Digest, in name: RepositoryName) async throws {
        guard index["\(name):\(tag)"]?.digest == manifest else { return }
        index.remove("\(name):\(tag)")
        try await writeIndex()
    }

    /// Writes the index as it is now. Changes made while a write is running share the next one.
    private func writeIndex() async throws {
        version += 1
        let previous = lastWrite
        let target = version
        let write = Task {
            _ = await previous?.result
            try await writeIndex(reaching: target)
        }
        lastWrite = write
        try await write.value
    }

    /// Writes the index, unless the requested version or a later one is already on disk.
    private func writeIndex(reaching target: Int) async throws {
        guard writtenVersion < target else { return }
        let current = version
        try await workspace.write(ByteBuffer(bytes: index.encoded), to: Self.indexKey)
        writtenVersion = current
    }

    package nonisolated func document(
        _ digest: Digest,
        _ kind: StoredDocument,
        in name: RepositoryName
    ) async throws -> [UInt8]? {
        try await layoutBlobs.read(digest, limit: Manifests.byteLimit)
    }
}
