import Conversion
package import ImageModel
package import NIOCore
package import Storage

/// The images that v1 clients see: v1 images, and v2 images as presented to engines that predate v2.
package struct ServedV1Images: Sendable {
    private let tree: V1Tree
    private let projections: Projections
    private let transcoding: Transcoding
    private let storage: any ObjectStorage

    init(tree: V1Tree, projections: Projections, storage: any ObjectStorage, transcoding: Transcoding) {
        self.tree = tree
        self.projections = projections
        self.storage = storage
        self.transcoding = transcoding
    }

    /// A complete image.
    ///
    /// - Throws: ``RegistryError/imageInProgress(_:)`` or ``RegistryError/imageUnknown(_:)``.
    package func image(_ id: V1ImageID, by access: ImageAccess = .anywhere) async throws(RegistryError) -> ServedV1Image
    {
        try await RegistryError.translating {
            if access.isThroughTree, try await tree.isInProgress(id) { throw RegistryError.imageInProgress(id) }
            if access.isThroughTree, let json = try await tree.json(id) {
                let stored = try await tree.checksum(id)
                // A malformed checksum is left out: no client needs it to pull.
                let checksum = stored.flatMap { try? V1Checksum(parsing: Array(buffer: $0)) }
                return ServedV1Image(
                    id: id,
                    json: json,
                    layer: try await tree.openLayer(id),
                    checksums: checksum?.all ?? []
                )
            }
            guard let lineage = try await lineage(of: id, by: access), let projected = lineage.images.last else {
                throw RegistryError.imageUnknown(id)
            }
            let layer = try await projectedLayer(projected, in: lineage.repository)
            return ServedV1Image(id: id, json: ByteBuffer(bytes: projected.json), layer: layer, checksums: [])
        }
    }

    /// Opens the layer of a complete image, even if its JSON is missing. A layer that the tree lacks may come from v2:
    /// a process that died while writing a projected image into the tree left only its JSON.
    ///
    /// - Throws: ``RegistryError/imageInProgress(_:)`` or ``RegistryError/layerUnknown(_:)``.
    package func openLayer(of id: V1ImageID, by access: ImageAccess = .anywhere) async throws(RegistryError)
        -> any ObjectReader
    {
        try await RegistryError.translating {
            if access.isThroughTree {
                if try await tree.isInProgress(id) { throw RegistryError.imageInProgress(id) }
                if let reader = try await tree.openLayer(id) { return reader }
            }
            guard let lineage = try await lineage(of: id, by: access), let projected = lineage.images.last,
                let reader = try await projectedLayer(projected, in: lineage.repository)
            else { throw RegistryError.layerUnknown(id) }
            return reader
        }
    }

    /// The digest of the layer that ``openLayer(of:by:)`` opens, as far as it is known without reading the layer.
    func layerDigest(of id: V1ImageID, by access: ImageAccess) async throws -> Digest? {
        if access.isThroughTree,
            let record = try await JSONFile(storage: storage).read(LayerRecord.self, from: OwnLayout.layerRecord(id))
        {
            return try? Digest(parsing: record.digest)
        }
        return try await lineage(of: id, by: access)?.images.last?.layer
    }

    /// The ids from an image to its root, as JSON.
    ///
    /// The file is returned as it is, even if the JSON is missing. If it is not a list, the images' parents are
    /// followed instead.
    ///
    /// - Throws: ``RegistryError/imageInProgress(_:)``, or ``RegistryError/imageUnknown(_:)``, also if the file is
    ///   missing.
    package func ancestry(of id: V1ImageID, by access: ImageAccess = .anywhere) async throws(RegistryError) -> JSONValue
    {
        try await RegistryError.translating {
            guard access.isThroughTree else { return try await projectedAncestry(of: id, by: access) }
            if try await tree.isInProgress(id) { throw RegistryError.imageInProgress(id) }
            let stored = try await DocumentScope.reading { () -> JSONValue?? in
                guard let bytes = try await tree.ancestry(id) else { return nil }
                let list = await HeavyWork.parsing(bytes.readableBytes) {
                    try? JSONValue(parsing: bytes.readableBytesView)
                }
                return .some(list?.array == nil ? nil : list)
            }
            guard let stored else { return try await projectedAncestry(of: id, by: access) }
            if let stored { return stored }
            do {
                let chain = try await V1Chain(of: id, in: tree)
                return .array(chain.images.reversed().map { .string($0.id.description) })
            } catch let damage as DamagedImage {
                throw RegistryError.imageUnknown(damage.image)
            }
        }
    }

    private func projectedAncestry(of id: V1ImageID, by access: ImageAccess) async throws -> JSONValue {
        guard let lineage = try await lineage(of: id, by: access) else { throw RegistryError.imageUnknown(id) }
        return .array(lineage.images.reversed().map { .string($0.id.description) })
    }

    private func lineage(of id: V1ImageID, by access: ImageAccess) async throws -> ProjectedLineage? {
        switch access.source {
        case .anywhere: try await projections.lineage(of: id)
        case .tree: nil
        case .projection(let place): try await projections.lineage(of: id, in: place)
        }
    }

    /// The layer of a projected image in a form that old engines can read; nil if the repository has no such blob.
    private func projectedLayer(_ image: ProjectedImage, in name: RepositoryName) async throws -> (any ObjectReader)? {
        if let reader = try await projections.openLayer(of: image, in: name) {
            let gzipVariant: Digest
            do {
                gzipVariant = try await transcoding.gzipVariant(image.layer, reader)
            } catch StorageError.readOnly {
                throw RegistryError.unavailable(reason: RegistryError.readOnlyReason)
            } catch is UnreadableLayer {
                throw RegistryError.v1(.layerUnreadable(image.id))
            }
            return gzipVariant == image.layer ? reader : try await storage.open(V2Layout.blobData(gzipVariant))
        }
        return image.layer == EmptyLayer.digest ? EmptyLayerReader() : nil
    }
}

/// A complete image as served to v1 clients.
package struct ServedV1Image: Sendable {
    /// Its id.
    package let id: V1ImageID
    /// Its JSON, byte for byte.
    package let json: ByteBuffer
    /// Its open layer; nil if there is none.
    package let layer: (any ObjectReader)?
    /// The checksums that were stored with it.
    package let checksums: [String]
}
