package import ImageModel
import NIOCore
package import Storage
import SystemLibraries

/// Turns the layers of a v1 tree into blobs of a registry, reading each once.
package struct LayerImporter: Sendable {
    private let tree: V1Tree
    private let storage: any ObjectStorage
    private let blobs: Blobs
    private let policy: LayerImportPolicy
    private let onBytesRead: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - tree: Where the layers are.
    ///   - storage: Where the blobs go: the same storage, or another.
    ///   - onBytesRead: Told of every stretch of bytes that was read and hashed.
    package init(
        from tree: V1Tree,
        into storage: any ObjectStorage,
        policy: LayerImportPolicy,
        onBytesRead: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.tree = tree
        self.storage = storage
        self.blobs = Blobs(storage: storage)
        self.policy = policy
        self.onBytesRead = onBytesRead
    }

    /// The record of a layer that was imported before and has not changed, with its blob in place; nil otherwise.
    package func known(_ image: V1Image) async throws -> LayerRecord? {
        guard let attributes = try await tree.layerAttributes(image.id),
            let record = try await JSONFile(storage: storage).read(
                LayerRecord.self,
                from: OwnLayout.layerRecord(image.id)
            ),
            record.source == LayerRecord.Source(image, attributes), record.parsedDiffID != nil,
            let blob = record.descriptor,
            try await storage.attributes(of: V2Layout.blobData(blob.digest))?.byteCount == blob.size
        else { return nil }
        return record
    }

    /// Whether the layer of an image was imported before, as far as its record tells.
    func isRecorded(_ id: V1ImageID) async throws -> Bool {
        try await storage.attributes(of: OwnLayout.layerRecord(id)) != nil
    }

    /// Makes sure that the layer of an image is a blob, and records what is known of it.
    ///
    /// - Throws: ``DamagedImage``, or `StorageError`.
    package func importLayer(of image: V1Image) async throws -> LayerImport {
        let isInProgress = try await tree.isInProgress(image.id)
        guard !isInProgress || policy.acceptsStaleInProgress else { throw DamagedImage(image.id, .unfinished) }
        if let record = try await known(image) {
            let notices: [V1Notice] = record.hasVerifiedChecksum ? [] : [.noChecksum]
            return LayerImport(record: record, placement: .known, notices: notices)
        }
        guard let attributes = try await tree.layerAttributes(image.id), let reader = try await tree.openLayer(image.id)
        else { throw DamagedImage(image.id, .noLayer) }
        let facts = try await scan(image, reader)
        guard try await tree.layerAttributes(image.id) == attributes else {
            throw DamagedImage(image.id, .changedWhileRead)
        }
        let checksum = try await checksumNotice(image.id, facts)
        // Nothing but a matching checksum tells a push that ended from one that broke off.
        guard !isInProgress || checksum == nil else { throw DamagedImage(image.id, .unfinished) }
        let (blob, placement) = try await place(image.id, facts, reader, attributes, isInProgress: isInProgress)
        let record = LayerRecord(
            image,
            attributes,
            facts,
            blob: blob.digest,
            blobByteCount: blob.size,
            hasVerifiedChecksum: checksum == nil
        )
        try await JSONFile(storage: storage).write(record, to: OwnLayout.layerRecord(image.id))
        let notices = [isInProgress ? V1Notice.staleInProgress : nil, checksum].compactMap { $0 }
        return LayerImport(record: record, placement: placement, notices: notices)
    }

    private func scan(_ image: V1Image, _ reader: any ObjectReader) async throws -> LayerFacts {
        let scan = LayerScan(v1ImageJSON: image.json)
        try await reader.forEachChunk { bytes in
            bytes.withUnsafeReadableBytes { scan.update($0) }
            onBytesRead(bytes.readableBytes)
            try Task.checkCancellation()
        }
        do {
            return try scan.finish()
        } catch {
            // A checksum that does not match says more than the first byte at which a decompressor stumbled.
            let stored = try await storedChecksum(image.id)?.payloadDigests ?? []
            if error != .empty, let first = stored.first, let actual = scan.storedBytes.payloadChecksum,
                !stored.contains(actual)
            {
                throw DamagedImage(image.id, .checksumMismatch(stored: "\(first) (\(error))"))
            }
            throw DamagedImage(image.id, .layer(error))
        }
    }

    private func storedChecksum(_ id: V1ImageID) async throws -> V1Checksum? {
        guard let bytes = try await tree.checksum(id) else { return nil }
        return try? V1Checksum(parsing: Array(buffer: bytes))
    }

    /// Nil when the layer has the stored checksum, else why that cannot be told.
    private func checksumNotice(_ id: V1ImageID, _ facts: LayerFacts) async throws -> V1Notice? {
        guard let bytes = try await tree.checksum(id) else { return .noChecksum }
        guard let checksum = try? V1Checksum(parsing: Array(buffer: bytes)) else { return .unreadableChecksum }
        guard let first = checksum.payloadDigests.first else { return .onlyTarsum }
        guard let actual = facts.payloadChecksum, checksum.payloadDigests.contains(actual) else {
            throw DamagedImage(id, .checksumMismatch(stored: first.description))
        }
        return nil
    }

    private func place(
        _ id: V1ImageID,
        _ facts: LayerFacts,
        _ reader: any ObjectReader,
        _ attributes: ObjectAttributes,
        isInProgress: Bool
    ) async throws -> (Descriptor, LayerImport.Placement) {
        guard facts.compression == .none || facts.compression == .gzip else {
            return (
                try await Recompression(storage: storage, blobs: blobs).run(reader, facts.compression), .recompressed
            )
        }
        let mediaType: MediaType = facts.compression == .gzip ? .dockerLayerGzip : .dockerLayerTar
        let blob = Descriptor(mediaType: mediaType, digest: facts.digest, size: facts.byteCount)
        let key = V2Layout.blobData(blob.digest)
        if let present = try await storage.attributes(of: key), present.byteCount == blob.size {
            return (blob, .shared)
        }
        let policy = policy.linkPolicy(modified: attributes.modified, isInProgress: isInProgress, now: WallClock.now)
        let outcome = try await storage.link(
            LinkSource(V1Layout.layer(id), in: tree.storage),
            to: key,
            allowing: policy
        )
        // What was linked must be the very file that was hashed.
        guard
            try await tree.layerAttributes(id).map({
                $0.byteCount == attributes.byteCount && $0.modified == attributes.modified
            }) == true
        else {
            try await storage.remove(key)
            throw DamagedImage(id, .changedWhileRead)
        }
        return (blob, .placed(outcome))
    }
}
