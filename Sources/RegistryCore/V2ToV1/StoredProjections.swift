import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The projected images that were written into the v1 tree, for the sake of a v1 child or a v1 tag.
///
/// A v1 client may push any bytes under any id. So an image of the tree that has a projection's id is the projection
/// only if the record says that it was written here, or, where there is no record, if its bytes are the same.
struct StoredProjections: Sendable {
    /// What stands in the tree under the id of a projected image.
    private enum Standing {
        case absent
        case projection
        case another
    }

    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let blobs: Blobs
    private let transcoding: Transcoding

    init(parts: RegistryParts, transcoding: Transcoding) {
        self.transcoding = transcoding
        self.storage = parts.storage
        self.tree = parts.tree
        self.blobs = parts.blobs
    }

    /// Whether an image of the tree that is another has the id of one of these.
    ///
    /// An engine's own ids name the image, whoever pushed it and however it was compressed.
    /// - Parameter images: The images of the chain; nil where they cannot be read any more.
    func areHidden(
        _ chain: PlacedChain,
        _ images: @Sendable () async throws -> [ProjectedImage]?
    ) async throws -> Bool {
        // Most directories that hold images of v2 hold none of v1.
        guard !chain.hasOwnIDs, try await storage.attributes(of: V1Layout.images) != nil else { return false }
        let present = try await storage.attributes(of: chain.ids.map { V1Layout.json($0) })
        guard present.contains(where: { $0 != nil }), let images = try await images() else { return false }
        for (image, json) in zip(images, present) where json != nil {
            if try await standing(of: image) == .another { return true }
        }
        return false
    }

    /// Whether the tree has this very image.
    func contains(_ image: ProjectedImage) async throws -> Bool { try await standing(of: image) == .projection }

    /// Writes a chain into the tree, and returns whether that can be done.
    ///
    /// The layer comes last but for the record: a file that is a blob too must never stand beside a mark that lets
    /// docker-registry write into it.
    func store(_ lineage: ProjectedLineage, of chain: PlacedChain) async throws -> Bool {
        var ancestry: V1Ancestry?
        for image in lineage.images {
            ancestry = try V1Ancestry(of: image.id, below: ancestry)
            switch try await standing(of: image) {
            case .projection: continue
            case .another:
                guard chain.hasOwnIDs, try await !tree.isInProgress(image.id) else { return false }
                continue
            case .absent: break
            }
            guard let blob = try await legibleBlob(of: image, in: lineage.repository) else { return false }
            var batch = WriteBatch()
            batch.put(ByteBuffer(bytes: image.json), at: V1Layout.json(image.id))
            batch.put(ByteBuffer(bytes: ancestry?.encoded ?? []), at: V1Layout.ancestry(image.id))
            batch.share(V2Layout.blobData(blob), as: V1Layout.layer(image.id))
            batch.put(ByteBuffer(string: blob.description), at: OwnLayout.storedProjection(image.id))
            try await storage.commit(batch)
        }
        return true
    }

    private func standing(of image: ProjectedImage) async throws -> Standing {
        let json = try await tree.json(image.id)
        let layer = try await tree.layerAttributes(image.id)
        if json == nil, layer == nil { return .absent }
        guard let json, Array(buffer: json) == image.json, try await !tree.isInProgress(image.id) else {
            return .another
        }
        // A process that died while it wrote one left its JSON alone.
        guard let layer else { return .absent }
        if try await storage.attributes(of: OwnLayout.storedProjection(image.id)) != nil { return .projection }
        if try await storage.attributes(of: V2Layout.blobData(image.layer))?.version == layer.version {
            return .projection
        }
        guard let digest = try await storage.actualDigest(of: V1Layout.layer(image.id), .sha256, progress: { _ in })
        else { return .absent }
        let gzipVariant = try await transcoding.known(image.layer)
        return digest == image.layer || digest == gzipVariant ? .projection : .another
    }

    /// The blob with the layer of an image in a compression that old engines read; nil where there is none, or it
    /// cannot be made.
    private func legibleBlob(of image: ProjectedImage, in name: RepositoryName) async throws -> Digest? {
        if image.layer == EmptyLayer.digest {
            try await blobs.write(ByteBuffer(bytes: EmptyLayer.bytes), as: image.layer)
            return image.layer
        }
        do {
            let reader = try await blobs.open(image.layer, in: name)
            return try await transcoding.gzipVariant(image.layer, reader)
        } catch RegistryError.blobUnknown {
            return nil
        } catch is UnreadableLayer {
            return nil
        }
    }
}
