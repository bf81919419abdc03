import Conversion
package import ImageModel
import RegistryCore
import Storage

/// The tags of a migration: each becomes a manifest at the destination, once all its layers are there.
struct TagWork: Sendable {
    let source: any MigrationSource
    let destination: any MigrationDestination
    let journal: MigrationJournal
    let format: ImageFormat

    /// Converts a tag, unless that was done before or v2 has another image there.
    func run(_ tag: SurveyedTag, _ chain: LayerChain) async throws -> ConvertedTag {
        if let damage = chain.damage { throw damage }
        let entry = journal.earlier.tag(tag.tag.description, in: tag.v1Name.description)
        var present = try await destination.current(tag.tag, in: tag.name)
        // What is to be converted is no obstacle to what it becomes.
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
            // Joined before, and only the format that is asked for now is another: the tag follows it.
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

    /// The tag as it is, if it is still what an earlier run made of the same image; nil otherwise.
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

    /// What this run's destination was told of the tag by an earlier one.
    fileprivate func record(for tag: SurveyedTag) -> TagRecord? {
        guard repository == tag.name.description, let image = imageIdentifier, let manifest = manifestDigest else {
            return nil
        }
        return TagRecord(image: image, manifest: manifest)
    }
}

/// A tag that v2 has now.
package struct ConvertedTag: Hashable, Sendable {
    /// How it came to be there.
    package enum Outcome: String, Codable, Sendable {
        /// It was converted in this run.
        case converted
        /// An earlier run had converted it, and nothing has changed since.
        case unchanged
        /// v2 had another image under that name that no run had put there, or a newer one, which stays.
        case kept
    }

    package let tag: SurveyedTag
    /// The digest of the configuration, which Docker shows as the image's id; nil for what has none.
    package let imageID: Digest?
    /// The digest of the manifest.
    package let manifest: Digest
    package let outcome: Outcome
    /// How many bytes its layers have; nil where that was not looked at.
    package let byteCount: Int64?
}
