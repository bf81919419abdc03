import Conversion
import ImageModel
import Logging
import Storage
import SystemLibraries

/// Converts v1 images of the served directory to v2 when a v2 client asks for them.
///
/// A conversion belongs to the server, not to a request: concurrent requests share it, and it continues when they
/// disconnect. A limited number of layers is read at once.
struct Converter: Sendable {
    let tree: V1Tree
    let layers: LayerImporter
    private let images: ImageImporter
    private let joiner: TagJoiner
    private let repositoryLocks: RepositoryLocks
    private let locks: TagLocks
    private let revisionLocks: RevisionLocks
    let slots: WorkSlots
    let isOff: Bool
    let layerWork = SharedWork<V1ImageID, LayerRecord>(failureLifetime: .seconds(60)) { error in
        (error as? DamagedImage)?.fault.isOfTheLayer == true
    }
    /// Failures that are not a layer's are cheap to detect again and may have been repaired: they are not remembered.
    private let tagWork = SharedWork<TagKey, Digest>(failureLifetime: .zero) { _ in false }
    private let imageWork = SharedWork<V1ImageID, ConvertedV1Image>(failureLifetime: .zero) { _ in false }
    private let waitLimit: Duration
    let events: RegistryEvents
    let logger: Logger

    private struct TagKey: Hashable {
        let name: RepositoryName
        let tag: Tag
        let image: V1ImageID
    }

    /// - Parameters:
    ///   - locks: The tag locks, shared with the writers of the same directory.
    ///   - revisionLocks: The manifest locks, shared with them too.
    ///   - concurrency: The maximum number of layers read at once.
    ///   - settings: Whether images are converted, and how long a request waits for it.
    ///   - limits: The limits on the work for one layer.
    init(
        parts: RegistryParts,
        locks: TagLocks,
        revisionLocks: RevisionLocks,
        concurrency: Int,
        settings: V1Settings,
        limits: LayerLimits,
        logger: Logger
    ) {
        self.repositoryLocks = parts.repositoryLocks
        self.events = parts.events
        self.locks = locks
        self.revisionLocks = revisionLocks
        self.tree = parts.tree
        // The directory is ours and locked, and we never write into a complete layer.
        var policy = LayerImportPolicy(isSourceIdle: true, acceptsStaleInProgress: false)
        policy.limits = limits
        self.layers = LayerImporter(from: tree, into: parts.storage, blobs: parts.blobs, policy: policy)
        self.images = ImageImporter(into: parts)
        self.joiner = parts.joiner
        self.slots = WorkSlots(concurrency)
        self.waitLimit = settings.conversionWait
        self.isOff = settings.conversion == .off
        self.logger = logger
    }

    /// The number of layers and tags being converted.
    func runningCount() async -> Int { await layerWork.runningCount + tagWork.runningCount }

    /// Converts a v1 image and points the tag to its manifest, which is returned.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` if the image cannot be converted,
    ///   ``RegistryError/unavailable(reason:)`` if conversion takes longer than a request may wait.
    func convert(_ image: V1ImageID, tag: Tag, in name: RepositoryName) async throws -> Digest {
        guard !isOff else {
            throw RegistryError.manifestUnknown(
                reference: tag.description,
                reason: "it is a v1 image, and conversion of v1 images is turned off"
            )
        }
        do {
            if let manifest = try await manifest(of: image, tag: tag, in: name, within: waitLimit) { return manifest }
            throw RegistryError.unavailable(reason: "the image is being converted from v1; try again later")
        } catch let damage as DamagedImage {
            throw RegistryError.manifestUnknown(reference: tag.description, reason: damage.description)
        }
    }

    /// Converts an image, however long it takes. An image that cannot be converted is logged and left to v1.
    func convertNow(_ image: V1ImageID, tag: Tag, in name: RepositoryName) async throws {
        guard !isOff else { return }
        do {
            _ = try await manifest(of: image, tag: tag, in: name, within: nil)
        } catch RegistryError.manifestUnknown {
            // The tag was deleted meanwhile.
        } catch let damage as DamagedImage {
            logger.debug(
                "v1 image cannot be converted; served to v1 clients only",
                metadata: ["repository": "\(name)", "tag": "\(tag)", "reason": "\(damage)"]
            )
        }
    }

    /// The manifest of the converted image; nil if conversion takes longer than `limit`.
    private func manifest(
        of image: V1ImageID,
        tag: Tag,
        in name: RepositoryName,
        within limit: Duration?
    ) async throws -> Digest? {
        try await tagWork.value(for: TagKey(name: name, tag: tag, image: image), within: limit) {
            try await convertNow(image, tag: tag, in: name)
        }
    }

    /// The conversion of an image, waiting for it at most as long as a request may.
    func conversion(of image: V1ImageID) async throws -> V1Conversion {
        guard !isOff else { return .impossible }
        // If all layers were read before, nothing needs to be read now.
        if let converted = try await converted(image) { return .done(converted) }
        do {
            let converted = try await imageWork.value(for: image, within: waitLimit) { try await convertNow(image) }
            return converted.map { .done($0) } ?? .unfinished
        } catch is DamagedImage {
            return .impossible
        }
    }

    /// Continues in the background with a conversion that took longer than its request may wait, and sets the tag.
    func goOn(with image: V1ImageID, tag: Tag, in name: RepositoryName) async {
        do {
            _ = try await manifest(of: image, tag: tag, in: name, within: .zero)
        } catch {
            // A pull of the tag fails the same way and reports the reason.
            logger.debug("cannot convert v1 image", metadata: ["image": "\(image)", "error": "\(error)"])
        }
    }

    private func convertNow(_ id: V1ImageID) async throws -> ConvertedV1Image {
        do { return try await readAndConvert(id) } catch let damage as DamagedImage {
            events.publish(RegistryActivity.failedConversion)
            throw damage
        }
    }

    private func readAndConvert(_ id: V1ImageID) async throws -> ConvertedV1Image {
        let chain = try await V1Chain(of: id, in: tree)
        var records: [V1ImageID: LayerRecord] = [:]
        try await withThrowingTaskGroup(of: (V1ImageID, LayerRecord).self) { group in
            for image in chain.images {
                group.addTask {
                    let record = try await layerWork.value(for: image.id) {
                        try await slots.perform { try await layers.importLayer(of: image).record }
                    }
                    return (image.id, record)
                }
            }
            for try await (id, record) in group { records[id] = record }
        }
        return ConvertedV1Image(id, try images.convert(chain, records), records.values)
    }

    private func convertNow(_ id: V1ImageID, tag: Tag, in name: RepositoryName) async throws -> Digest {
        let image = try await convertNow(id)
        try await store(image, as: tag, in: name) { storing in
            let current = try await joiner.join(tag, in: name)
            // If the tag was deleted while its image was being converted, it stays deleted, and so does the image.
            guard current != .absent else {
                throw RegistryError.manifestUnknown(reference: tag.description, reason: nil)
            }
            // If it was set meanwhile, the new value stays.
            guard case .image(id) = current else {
                var batch = WriteBatch()
                batch.image(image.image, layers: image.layers, in: name)
                try await tree.storage.commit(batch)
                return nil
            }
            let replaced = try await joiner.v2Side(tag, in: name)?.value
            var storing = storing
            let recorded = try await recordPush(of: image, as: tag, in: name, &storing)
            try await tree.storage.commit(storing)
            recorded.wereCommitted()
            return replaced
        }
        return image.image.manifestDigest
    }

    /// The converted image if all its layers were read before; nil if they were not, or if it cannot be converted.
    private func converted(_ id: V1ImageID) async throws -> ConvertedV1Image? {
        do {
            let chain = try await V1Chain(of: id, in: tree)
            let known = try await chain.images.mapInParallel { image -> LayerRecord? in
                try await tree.isInProgress(image.id) ? nil : try await layers.known(image)
            }
            let records = known.compactMap(\.self)
            guard records.count == known.count else { return nil }
            let byImage = Dictionary(zip(chain.images.map(\.id), records)) { first, _ in first }
            return ConvertedV1Image(id, try images.convert(chain, byImage), records)
        } catch is DamagedImage {
            return nil
        }
    }

    /// Stores a converted image and tags it, holding the locks of the repository, the manifest and the tag.
    ///
    /// - Parameter commit: Commits the batch that stores the image and sets the tag, possibly after other changes.
    ///   Returns the digest that the tag had before.
    func store(
        _ image: ConvertedV1Image,
        as tag: Tag,
        in name: RepositoryName,
        _ commit: @Sendable (WriteBatch) async throws -> Digest?
    ) async throws {
        let manifest = image.image.manifestDigest
        let replaced = try await repositoryLocks.withSharedLock(of: name) {
            try await revisionLocks.withLock(manifest, in: name) {
                try await locks.withLock(tag, in: name) {
                    var batch = WriteBatch()
                    batch.image(image.image, layers: image.layers, in: name)
                    let record = TagRecord(image: image.id, manifest: manifest)
                    try await joiner.write(record, tag: tag, in: name, &batch)
                    return try await commit(batch)
                }
            }
        }
        events.publish(RegistryActivity.conversion)
        log(image, tag, name, replaced)
    }

    private func log(_ image: ConvertedV1Image, _ tag: Tag, _ name: RepositoryName, _ replaced: Digest?) {
        let manifest = image.image.manifestDigest
        var metadata: Logger.Metadata = [
            "repository": "\(name)", "tag": "\(tag)", "image": "\(image.id)", "manifest": "\(manifest)",
        ]
        // Only file times may have decided which of the two is newer, so log what was replaced.
        if let replaced, replaced != manifest { metadata["replaces"] = "\(replaced)" }
        logger.info("v1 image converted", metadata: metadata)
    }
}
