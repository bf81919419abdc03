package import Conversion
package import ImageModel
import NIOCore
import Storage

/// Converts v1 images whose layers are already blobs into manifests, and stores them.
package struct ImageImporter: Sendable {
    private let storage: any ObjectStorage
    private let manifests: Manifests

    /// Creates an importer into the registry that consists of `parts`.
    package init(into parts: RegistryParts) {
        self.storage = parts.storage
        self.manifests = parts.manifests
    }

    /// The manifest and configuration of a chain. Deterministic: the same chain always gives the same bytes.
    ///
    /// - Parameter records: The layer record of each image in the chain.
    /// - Throws: ``DamagedImage``.
    package func convert(
        _ chain: V1Chain,
        _ records: [V1ImageID: LayerRecord],
        format: ImageFormat = .schema2
    ) throws -> ConvertedImage {
        guard let top = chain.top else { throw StorageError.absent(V1Layout.images) }
        let layers = try chain.images.map { image in
            guard let record = records[image.id], let blob = record.descriptor, let diffID = record.parsedDiffID else {
                throw DamagedImage(image.id, .noLayer)
            }
            return V1Layer(image: image, blob: blob, diffID: diffID)
        }
        do {
            return try ConvertedImage(chain: layers, format: format)
        } catch {
            throw DamagedImage(top.id, .unconvertible(reason: "\(error)"))
        }
    }

    /// The image id of a manifest: the digest of its configuration.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` if the manifest is not in the repository.
    package func imageID(of manifest: Digest, in name: RepositoryName) async throws -> Digest? {
        try await manifests.read(manifest, in: name).configuration?.digest
    }

    /// Stores a converted image in a repository: its layers, its configuration and its manifest.
    package func store(_ image: ConvertedImage, _ records: some Sequence<LayerRecord>, in name: RepositoryName)
        async throws
    {
        try await store(image, layers: records.compactMap { $0.descriptor?.digest }, in: name)
    }

    /// Stores a converted image whose layers are already blobs in a repository, and sets a tag to it, in one commit.
    ///
    /// - Parameters:
    ///   - origin: The v1 image it was converted from; nil for none.
    ///   - joiner: Records what the tag was set to.
    /// - Throws: `StorageError.absent` with the key of a layer's bytes if they were collected in the meantime.
    package func store(
        _ image: ConvertedImage,
        layers: [Digest],
        from origin: V1ImageID?,
        as tag: Tag,
        in name: RepositoryName,
        _ joiner: TagJoiner
    ) async throws {
        var batch = WriteBatch()
        batch.image(image, layers: layers, in: name)
        let record = TagRecord(image: origin, manifest: image.manifestDigest)
        try await joiner.write(record, tag: tag, in: name, &batch)
        try await storage.commit(batch)
    }

    /// Stores a converted image whose layers are already blobs in a repository.
    package func store(_ image: ConvertedImage, layers: [Digest], in name: RepositoryName) async throws {
        var batch = WriteBatch()
        batch.image(image, layers: layers, in: name)
        try await storage.commit(batch)
    }
}

extension WriteBatch {
    /// Stores a converted image whose layers are already blobs in a repository.
    mutating func image(_ image: ConvertedImage, layers: some Sequence<Digest>, in name: RepositoryName) {
        blob(ByteBuffer(bytes: image.configuration), as: image.configurationDigest)
        let layers = Set(layers).sorted()
        for part in layers + [image.configurationDigest] { link(part, at: V2Layout.layerLink(part, in: name)) }
        manifest(image.manifest, as: image.manifestDigest, in: name)
        for layer in layers { require(V2Layout.blobData(layer)) }
    }
}

/// A v1 image and its conversion.
struct ConvertedV1Image: Sendable {
    /// The v1 image.
    let id: V1ImageID
    /// The converted image.
    let image: ConvertedImage
    /// The blobs of its layers.
    let layers: [Digest]

    init(_ id: V1ImageID, _ image: ConvertedImage, _ records: some Sequence<LayerRecord>) {
        self.id = id
        self.image = image
        self.layers = records.compactMap { $0.descriptor?.digest }
    }
}

/// The state of a v1 image's conversion.
enum V1Conversion: Sendable {
    case done(ConvertedV1Image)
    /// The image cannot be converted: only v1 clients can pull it.
    case impossible
    /// It is still in progress.
    case unfinished
}
