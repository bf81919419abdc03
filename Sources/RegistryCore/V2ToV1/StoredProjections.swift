import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Projected images that were written into the v1 tree for a v1 child or tag.
///
/// A v1 client may push any bytes under any id. So a tree image with a projection's id and JSON counts as the
/// projection only if a record says that it was written here or, without a record, if its layer has the same bytes.
struct StoredProjections: Sendable {
    /// The tree's content under the id of a projected image.
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

    /// Whether the tree has a different image under an id of the chain.
    ///
    /// Ids assigned by an engine identify the image, no matter who pushed it and how it was compressed.
    /// - Parameter images: The images of the chain; nil if they can no longer be read.
    func areHidden(
        _ chain: PlacedChain,
        _ images: @Sendable () async throws -> [ProjectedImage]?
    ) async throws -> Bool {
        // Most directories with v2 images have no v1 images.
        guard !chain.hasOwnIDs, try await storage.attributes(of: V1Layout.images) != nil else { return false }
        let present = try await storage.attributes(of: chain.ids.map { V1Layout.json($0) })
        guard present.contains(where: { $0 != nil }), let images = try await images() else { return false }
        for (image, json) in zip(images, present) where json != nil {
            if try await standing(of: image) == .another { return true }
        }
        return false
    }

    /// Whether the tree has exactly this image.
    func contains(_ image: ProjectedImage) async throws -> Bool { try await standing(of: image) == .projection }

    /// Writes a chain into the tree, and returns whether that was possible.
    ///
    /// The layer is written after everything but the record, rather than under an `_inprogress` mark: the mark lets
    /// docker-registry write into the layer, and this one shares its file with a blob.
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
        // A process that died while writing an image left only its JSON.
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

    /// The blob with the layer of an image in a compression that old engines can read; nil if there is none and it
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
