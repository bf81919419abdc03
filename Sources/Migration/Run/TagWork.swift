import Conversion
package import ImageModel
import RegistryCore
import Storage

/// Converts tags: each becomes a manifest at the destination once all its layers are stored there.
struct TagWork: Sendable {
    let source: any MigrationSource
    let destination: any MigrationDestination
    let journal: MigrationJournal
    let format: ImageFormat

    /// Converts a tag, unless an earlier run did or v2 has another image under that tag.
    func run(_ tag: SurveyedTag, _ chain: LayerChain) async throws -> ConvertedTag {
        if let damage = chain.damage { throw damage }
        let entry = journal.earlier.tag(tag.tag.description, in: tag.v1Name.description)
        var present = try await destination.current(tag.tag, in: tag.name)
        // The manifest to be converted does not stand in the way of its own conversion.
        if let manifest = tag.manifest, present?.value == manifest { present = nil }
        if let entry, let present, let unchanged = entry.unchanged(tag, format, present.value) { return unchanged }
        let record = try await destination.record(of: tag.tag, in: tag.name) ?? entry?.record(for: tag)
        let v1 = TagSide(value: tag.image, modified: tag.stamp.modified)
        let join = TagJoin(record: record, v1: v1, v2: present)
        if case .manifest(let manifest) = join, record != nil,
            record?.image != tag.image || record?.manifest != manifest
        {
            return try await kept(tag, manifest)
        }
        let (converted, layers) = try await convert(tag, chain)
        let byteCount = layers.map(\.blob.size).clampedSum
        func result(_ outcome: ConvertedTag.Outcome) -> ConvertedTag {
            ConvertedTag(
                tag: tag,
                imageID: converted.configurationDigest,
                manifest: converted.manifestDigest,
                outcome: outcome,
                byteCount: byteCount
            )
        }
        if case .manifest(let manifest) = join, manifest != converted.manifestDigest {
            // Converted before in another format: replace it.
            guard record?.image == tag.image, record?.manifest == manifest else { return try await kept(tag, manifest) }
        }
        let wasThere = present?.value == converted.manifestDigest
        if !wasThere || record?.image != tag.image {
            let origin = tag.manifest == nil ? tag.image : nil
            try await destination.publish(converted, layers, from: origin, as: tag.tag, in: tag.name)
        }
        let outcome = result(wasThere ? .unchanged : .converted)
        try await journal.append(.tag(JournaledTag(outcome, format)))
        return outcome
    }

    private func convert(_ tag: SurveyedTag, _ read: LayerChain) async throws -> (ConvertedImage, [UploadedLayer]) {
        var layers: [UploadedLayer] = []
        var readLayers: [ReadLayer] = []
        var records: [V1ImageID: LayerRecord] = [:]
        for image in read.images.reversed() {
            guard let record = image.record, let blob = record.descriptor, let diffID = record.parsedDiffID,
                let firstRepository = image.surveyed?.firstRepository
            else { continue }
            layers.append(UploadedLayer(blob: blob, firstRepository: firstRepository))
            readLayers.append(ReadLayer(image: image.id, blob: blob, diffID: diffID))
            records[image.id] = record
        }
        if let ready = try await source.image(of: tag, readLayers, format: format) { return (ready, layers) }
        let chain = try await V1Chain(of: tag.image, in: source.tree)
        let importer = ImageImporter(into: RegistryParts(storage: destination.workspace))
        return (try importer.convert(chain, records, format: format), layers)
    }

    private func kept(_ tag: SurveyedTag, _ manifest: Digest) async throws -> ConvertedTag {
        let bytes = try await destination.document(manifest, .manifest, in: tag.name)
        let parsed = bytes.flatMap { try? Manifest(parsing: $0, contentType: nil) }
        return ConvertedTag(
            tag: tag,
            imageID: parsed?.configuration?.digest,
            manifest: manifest,
            outcome: .kept,
            byteCount: nil
        )
    }
}

extension JournaledTag {
    init(_ converted: ConvertedTag, _ format: ImageFormat, isVerified: Bool? = nil) {
        self.init(
            v1Repository: converted.tag.v1Name.description,
            tag: converted.tag.tag.description,
            stamp: converted.tag.stamp,
            image: converted.tag.image.description,
            sourceManifest: converted.tag.manifest?.description,
            repository: converted.tag.name.description,
            format: format,
            manifest: converted.manifest.description,
            imageID: converted.imageID?.description ?? "",
            byteCount: converted.byteCount ?? 0,
            isVerified: isVerified
        )
    }

    /// The unchanged result, if the tag still is what an earlier run converted from the same image; otherwise nil.
    fileprivate func unchanged(_ tag: SurveyedTag, _ format: ImageFormat, _ present: Digest) -> ConvertedTag? {
        guard repository == tag.name.description, self.format == format, imageIdentifier == tag.image,
            sourceManifest == tag.manifest?.description, let manifest = manifestDigest, manifest == present
        else { return nil }
        return ConvertedTag(
            tag: tag,
            imageID: configurationDigest,
            manifest: manifest,
            outcome: .unchanged,
            byteCount: byteCount
        )
    }

    /// The destination's record of the tag, as an earlier run wrote it.
    fileprivate func record(for tag: SurveyedTag) -> TagRecord? {
        guard repository == tag.name.description, let image = imageIdentifier, let manifest = manifestDigest else {
            return nil
        }
        return TagRecord(image: image, manifest: manifest)
    }
}

/// A tag that exists in v2 now.
package struct ConvertedTag: Hashable, Sendable {
    /// How a tag got its manifest.
    package enum Outcome: String, Codable, Sendable {
        /// Converted by this run.
        case converted
        /// Converted by an earlier run and unchanged since.
        case unchanged
        /// v2 had another image under that tag, newer or not written by a migration: it was kept.
        case kept
    }

    /// The tag of the source.
    package let tag: SurveyedTag
    /// The digest of the configuration, which Docker shows as the image ID; nil when there is none.
    package let imageID: Digest?
    /// The digest of the manifest.
    package let manifest: Digest
    /// How it got its manifest.
    package let outcome: Outcome
    /// The total size of its layers; nil when it was not determined.
    package let byteCount: Int64?
}
