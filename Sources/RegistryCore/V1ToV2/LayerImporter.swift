package import ImageModel
import NIOCore
package import Storage
import SystemLibraries

/// Imports the layers of a v1 tree as blobs, reading each once.
package struct LayerImporter: Sendable {
    private let tree: V1Tree
    private let storage: any ObjectStorage
    private let blobs: any BlobDestination
    private let checksums: StoredChecksums
    private let policy: LayerImportPolicy
    private let onBytesRead: @Sendable (Int) async throws -> Void

    /// - Parameters:
    ///   - tree: The tree with the layers.
    ///   - storage: The storage for layer records and staged content.
    ///   - blobs: The destination of the blobs; nil for `storage`, in registry:2's layout.
    ///   - onBytesRead: Called with the size of each piece that was read and hashed. Reading pauses until it returns.
    package init(
        from tree: V1Tree,
        into storage: any ObjectStorage,
        blobs: (any BlobDestination)? = nil,
        policy: LayerImportPolicy,
        onBytesRead: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) {
        self.tree = tree
        self.checksums = StoredChecksums(tree: tree)
        self.storage = storage
        self.blobs = blobs ?? RegistryParts(storage: storage).blobs
        self.policy = policy
        self.onBytesRead = onBytesRead
    }

    /// The record of a layer that was imported before and is unchanged, if its blob is in place; nil otherwise.
    package func known(_ image: V1Image) async throws -> LayerRecord? {
        guard let attributes = try await tree.layerAttributes(image.id),
            let record = try await JSONFile(storage: storage).read(
                LayerRecord.self,
                from: OwnLayout.layerRecord(image.id)
            ),
            record.source == LayerRecord.Source(image, attributes), record.parsedDiffID != nil,
            let blob = record.descriptor, try await blobs.byteCount(of: blob.digest) == blob.size
        else { return nil }
        return record
    }

    /// Irregularities of a layer that was imported before, as far as they show without reading it again.
    package func notices(of id: V1ImageID, _ record: LayerRecord) async throws -> [V1Notice] {
        var notices: [V1Notice] = try await tree.isInProgress(id) ? [.staleInProgress] : []
        guard !record.hasVerifiedChecksum else { return notices }
        if try await tree.checksum(id) == nil {
            notices.append(.noChecksum)
        } else {
            let unverified: V1Notice = record.hasDifferentTarsum == true ? .differentTarsum : .onlyTarsum
            notices.append(try await checksums.checksum(of: id) == nil ? .unreadableChecksum : unverified)
        }
        return notices
    }

    /// Whether a record says that the layer of an image was imported before.
    func isRecorded(_ id: V1ImageID) async throws -> Bool {
        try await storage.attributes(of: OwnLayout.layerRecord(id)) != nil
    }

    /// Ensures that the layer of an image is a blob, and records its facts.
    ///
    /// - Parameters:
    ///   - file: The file with the layer's bytes, if it is not at the usual place in the tree.
    ///   - arrival: Writes the bytes to that file first; nil if they are already there.
    ///   - digest: The digest that the bytes must have, if known; the stored checksum is then not checked.
    /// - Throws: ``DamagedImage``, or `StorageError`.
    package func importLayer(
        of image: V1Image,
        from file: LinkSource? = nil,
        arriving arrival: (any LayerArrival)? = nil,
        expecting digest: Digest? = nil
    ) async throws -> LayerImport {
        let file = file ?? LinkSource(V1Layout.layer(image.id), in: tree.storage)
        let isInProgress = try await tree.isInProgress(image.id)
        guard !isInProgress || policy.acceptsStaleInProgress else { throw DamagedImage(image.id, .unfinished) }
        if let record = try await known(image) {
            return LayerImport(record: record, placement: .known, notices: try await notices(of: image.id, record))
        }
        guard let attributes = try await tree.layerAttributes(image.id) else { throw DamagedImage(image.id, .noLayer) }
        let staging = StagedLayer(in: storage)
        do {
            let result = try await importLayer(
                of: image,
                file,
                arrival,
                attributes,
                staging,
                isInProgress: isInProgress,
                expecting: digest
            )
            try await staging.discard()
            return result
        } catch {
            try await staging.discard()
            throw error
        }
    }

    private func importLayer(
        of image: V1Image,
        _ file: LinkSource,
        _ arrival: (any LayerArrival)?,
        _ attributes: ObjectAttributes,
        _ staging: StagedLayer,
        isInProgress: Bool,
        expecting digest: Digest?
    ) async throws -> LayerImport {
        let stored = try await checksums.checksum(of: image.id)
        let tarsums = stored.map(\.tarsums) ?? []
        let versions = TarSums.Version.allCases.filter { version in
            tarsums.contains { $0.hasPrefix(version.rawValue) }
        }
        func newScan() -> LayerScan {
            LayerScan(
                v1ImageJSON: image.json,
                isRecompressing: true,
                tarsums: Set(versions),
                limits: policy.limits ?? .none
            )
        }
        var scan = newScan()
        if let arrival, try await !arrival.stream(to: { try await take($0, scan, staging) }) {
            scan = newScan()
            try await staging.discard()
            try await read(image, file, scan, staging)
        } else if arrival == nil {
            try await read(image, file, scan, staging)
        }
        let facts = try await facts(of: image, scan, staging, stored)
        let gzip = scan.recompressed
        guard try await tree.layerAttributes(image.id) == attributes else {
            throw DamagedImage(image.id, .changedWhileRead)
        }
        if let digest, facts.digest != digest { throw DamagedImage(image.id, .wrongDigest(expected: digest)) }
        let checksum = digest == nil ? try await checksums.notice(image.id, facts, scan.tarsums) : nil
        // A plain tar without an end marker may be truncated, and nothing else proves it complete.
        let isAttested = digest != nil || checksum == nil || policy.areLayersAttested
        if facts.compression == .none, !facts.hasTarEnd, !isAttested {
            throw DamagedImage(image.id, .layer(.truncated))
        }
        // Only a matching checksum distinguishes a completed push from an interrupted one.
        guard !isInProgress || checksum == nil else { throw DamagedImage(image.id, .unfinished) }
        let (blob, placement) =
            if let gzip {
                try await place(gzip, staging)
            } else {
                try await place(image.id, facts, file, attributes, isInProgress: isInProgress)
            }
        let record = LayerRecord(
            image,
            attributes,
            facts,
            blob: blob.digest,
            blobByteCount: blob.size,
            checksum: checksum
        )
        if policy.keepsRecords {
            try await JSONFile(storage: storage).write(record, to: OwnLayout.layerRecord(image.id))
        }
        let notices = [isInProgress ? V1Notice.staleInProgress : nil, checksum].compactMap { $0 }
        return LayerImport(record: record, placement: placement, notices: notices)
    }

    /// Reads a layer once, recompressing it as gzip on the way if no media type names its compression.
    private func read(_ image: V1Image, _ file: LinkSource, _ scan: LayerScan, _ staging: StagedLayer) async throws {
        guard let reader = try await file.storage.open(file.key) else { throw DamagedImage(image.id, .noLayer) }
        guard policy.limits != nil else { return try await reader.forEachChunk { try await take($0, scan, staging) } }
        try await HeavyWork.reading(try await reader.detectCompression()) {
            try await reader.forEachChunk { try await take($0, scan, staging) }
        }
    }

    private func take(_ bytes: ByteBuffer, _ scan: LayerScan, _ staging: StagedLayer) async throws {
        try await scan.take(bytes) { try await staging.append(scan.takeRecompressed()) }
        try await onBytesRead(bytes.readableBytes)
        try Task.checkCancellation()
    }

    /// The facts about a layer that was read.
    private func facts(
        of image: V1Image,
        _ scan: LayerScan,
        _ staging: StagedLayer,
        _ stored: V1Checksum?
    ) async throws -> LayerFacts {
        do {
            let facts = try scan.finish()
            try await staging.append(scan.takeRecompressed())
            return facts
        } catch let error as LayerDamage {
            // A checksum mismatch says more than the position at which decompression failed.
            let digests = stored?.payloadDigests ?? []
            if error != .empty, let first = digests.first, let actual = scan.storedBytes.payloadChecksum,
                !digests.contains(actual)
            {
                throw DamagedImage(image.id, .checksumMismatch(stored: "\(first) (\(error))"))
            }
            throw DamagedImage(image.id, .layer(error))
        }
    }

    private func place(_ gzip: RecompressedFacts, _ staging: StagedLayer) async throws -> (
        Descriptor, LayerImport.Placement
    ) {
        let blob = Descriptor(mediaType: .dockerLayerGzip, digest: gzip.digest, size: gzip.byteCount)
        if try await blobs.byteCount(of: blob.digest) != blob.size {
            try await blobs.put(try await staging.object(), as: blob)
        }
        return (blob, .recompressed)
    }

    private func place(
        _ id: V1ImageID,
        _ facts: LayerFacts,
        _ file: LinkSource,
        _ attributes: ObjectAttributes,
        isInProgress: Bool
    ) async throws -> (Descriptor, LayerImport.Placement) {
        let mediaType: MediaType = facts.compression == .gzip ? .dockerLayerGzip : .dockerLayerTar
        let blob = Descriptor(mediaType: mediaType, digest: facts.digest, size: facts.byteCount)
        if try await blobs.byteCount(of: blob.digest) == blob.size { return (blob, .shared) }
        let policy = policy.linkPolicy(modified: attributes.modified, isInProgress: isInProgress, now: WallClock.now)
        let outcome = try await blobs.put(file, as: blob, allowing: policy)
        // The linked file must be the one that was hashed.
        guard
            try await tree.layerAttributes(id).map({
                $0.byteCount == attributes.byteCount && $0.modified == attributes.modified
            }) == true
        else {
            // Keep a blob that existed before.
            if outcome != .alreadyThere { try await blobs.withdraw(blob.digest) }
            throw DamagedImage(id, .changedWhileRead)
        }
        return (blob, .placed(outcome))
    }
}
