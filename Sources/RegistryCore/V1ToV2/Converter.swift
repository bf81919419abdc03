import Conversion
import ImageModel
import Logging
import Storage
import SystemLibraries

/// Converts the v1 images of a directory that is being served, when v2 asks for them.
///
/// A conversion belongs to the server, not to a request: one for all who ask, it goes on when they hang up, and at
/// most one layer a core is read at a time.
struct Converter: Sendable {
    private let tree: V1Tree
    private let layers: LayerImporter
    private let images: ImageImporter
    private let joiner: TagJoiner
    private let locks: TagLocks
    private let revisionLocks: RevisionLocks
    private let slots: WorkSlots
    private let isOff: Bool
    private let layerWork = SharedWork<V1ImageID, LayerRecord>(failureLifetime: .seconds(60)) { error in
        (error as? DamagedImage)?.fault.isOfTheLayer == true
    }
    /// What fails but for a layer is found out again at no cost, and may have been mended.
    private let tagWork = SharedWork<TagKey, Digest>(failureLifetime: .zero) { _ in false }
    private let imageWork = SharedWork<V1ImageID, ConvertedV1Image>(failureLifetime: .zero) { _ in false }
    private let waitLimit: Duration
    private let logger: Logger

    private struct TagKey: Hashable {
        let name: RepositoryName
        let tag: Tag
        let image: V1ImageID
    }

    /// - Parameters:
    ///   - locks: The locks of the tags, which the writers of the same directory share.
    ///   - revisionLocks: The locks of the manifests, which they share too.
    ///   - concurrency: How many layers may be read at once.
    ///   - settings: Whether images are converted at all, and how long a request waits for it.
    ///   - limits: How much work one layer may be.
    init(
        parts: RegistryParts,
        locks: TagLocks,
        revisionLocks: RevisionLocks,
        concurrency: Int,
        settings: V1Settings,
        limits: LayerLimits,
        logger: Logger
    ) {
        self.locks = locks
        self.revisionLocks = revisionLocks
        self.tree = parts.tree
        // The directory is locked and its own: nothing of ours writes into a complete layer.
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

    /// The manifest of a v1 image, which becomes the tag's.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` for an image that cannot be converted,
    ///   ``RegistryError/unavailable(reason:)`` when it takes longer than a request may wait.
    func convert(_ image: V1ImageID, tag: Tag, in name: RepositoryName) async throws -> Digest {
        guard !isOff else {
            throw RegistryError.manifestUnknown(
                reference: tag.description,
                reason: "it is a v1 image, and the registry is set not to convert any"
            )
        }
        do {
            if let manifest = try await manifest(of: image, tag: tag, in: name, within: waitLimit) { return manifest }
            throw RegistryError.unavailable(reason: "the image is being converted from v1; ask again in a while")
        } catch let damage as DamagedImage {
            throw RegistryError.manifestUnknown(reference: tag.description, reason: damage.description)
        }
    }

    /// Converts an image however long it takes. One that cannot be converted stays v1's.
    func convertNow(_ image: V1ImageID, tag: Tag, in name: RepositoryName) async throws {
        guard !isOff else { return }
        do {
            _ = try await manifest(of: image, tag: tag, in: name, within: nil)
        } catch let damage as DamagedImage {
            logger.debug(
                "v1 image stays v1's alone",
                metadata: ["repository": "\(name)", "tag": "\(tag)", "reason": "\(damage)"]
            )
        }
    }

    /// Begins to read the layers of an image and its ancestors, so that the tag of a child need not wait for them.
    func prepare(_ image: V1ImageID) async {
        guard !isOff else { return }
        let tree = tree
        let layers = layers
        let work = layerWork
        let slots = slots
        let logger = logger
        Task {
            do {
                guard try await !layers.isRecorded(image) else { return }
                for image in try await V1Chain(of: image, in: tree).images {
                    await work.begin(image.id) {
                        try await slots.perform { try await layers.importLayer(of: image).record }
                    }
                }
            } catch {
                // The tag that needs the image meets the same and says so to its client.
                logger.debug("ancestors cannot be read ahead", metadata: ["image": "\(image)", "error": "\(error)"])
            }
        }
    }

    /// The manifest that an image is converted to; nil when that takes longer than `limit`.
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

    /// What an image is converted to, as far as a request may wait for it.
    func conversion(of image: V1ImageID) async throws -> V1Conversion {
        guard !isOff else { return .impossible }
        // Nothing has to be read where its layers were read before.
        if let converted = try await converted(image) { return .done(converted) }
        do {
            let converted = try await imageWork.value(for: image, within: waitLimit) { try await convertNow(image) }
            return converted.map { .done($0) } ?? .unfinished
        } catch is DamagedImage {
            return .impossible
        }
    }

    /// Goes on with a conversion that took longer than a request may wait, for the tag that is to have it.
    func goOn(with image: V1ImageID, tag: Tag, in name: RepositoryName) async {
        do {
            _ = try await manifest(of: image, tag: tag, in: name, within: .zero)
        } catch {
            // A pull of the tag fails in the same way, and says why.
            logger.debug("v1 image is not converted", metadata: ["image": "\(image)", "error": "\(error)"])
        }
    }

    private func convertNow(_ id: V1ImageID) async throws -> ConvertedV1Image {
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
            // Somebody may have set the tag while its old image was being converted: what they set stays.
            guard case .image(id) = try await joiner.join(tag, in: name) else {
                var batch = WriteBatch()
                batch.image(image.image, layers: image.layers, in: name)
                try await tree.storage.commit(batch)
                return nil
            }
            let replaced = try await joiner.v2Side(tag, in: name)?.value
            try await tree.storage.commit(storing)
            return replaced
        }
        return image.image.manifestDigest
    }

    /// What an image is converted to, where all of its layers were read before: nil where they were not, and where it
    /// cannot be converted.
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

    /// Stores a converted image as a tag, under the locks of both.
    ///
    /// - Parameter commit: Commits what stores the image and sets the tag, alone or behind what else belongs to it,
    ///   and returns what the tag named before.
    func store(
        _ image: ConvertedV1Image,
        as tag: Tag,
        in name: RepositoryName,
        _ commit: @Sendable (WriteBatch) async throws -> Digest?
    ) async throws {
        let manifest = image.image.manifestDigest
        let replaced = try await revisionLocks.withLock(manifest, in: name) {
            try await locks.withLock(tag, in: name) {
                var batch = WriteBatch()
                batch.image(image.image, layers: image.layers, in: name)
                let record = TagRecord(image: image.id, manifest: manifest)
                try await joiner.write(record, tag: tag, in: name, &batch)
                return try await commit(batch)
            }
        }
        log(image, tag, name, replaced)
    }

    private func log(_ image: ConvertedV1Image, _ tag: Tag, _ name: RepositoryName, _ replaced: Digest?) {
        let manifest = image.image.manifestDigest
        var metadata: Logger.Metadata = [
            "repository": "\(name)", "tag": "\(tag)", "image": "\(image.id)", "manifest": "\(manifest)",
        ]
        // Which of two tags is the newer may have been told by their files' times alone.
        if let replaced, replaced != manifest { metadata["replaces"] = "\(replaced)" }
        logger.info("v1 image converted", metadata: metadata)
    }
}
