import ImageModel
import RegistryCore
import Storage

/// Surveys images and their ancestors, each once, however many tags need it.
///
/// An image whose files have not changed since an earlier run is taken from the journal without reading it.
struct ImageSurvey {
    private let source: any MigrationSource
    private let destination: any MigrationDestination
    private let journal: MigrationJournal.Content
    private let importer: LayerImporter
    private var outcomes: [V1ImageID: Result<SurveyedImage, ImageDamage>] = [:]
    private var sound: Set<V1ImageID> = []

    /// - Parameter importer: Knows which layers a server has already imported.
    init(
        _ source: any MigrationSource,
        _ destination: any MigrationDestination,
        _ journal: MigrationJournal.Content,
        _ importer: LayerImporter
    ) {
        self.source = source
        self.destination = destination
        self.journal = journal
        self.importer = importer
    }

    /// Whether an image was surveyed.
    func contains(_ id: V1ImageID) -> Bool { outcomes[id] != nil }

    /// Surveys the images of a chain and returns them, top first.
    ///
    /// - Throws: ``ImageDamage`` or `DamagedImage`; `StorageError` when something is currently unreadable.
    mutating func chain(of top: V1ImageID) async throws -> [V1ImageID] {
        var chain: [V1ImageID] = []
        var seen: Set<V1ImageID> = []
        var next: V1ImageID? = top
        while let id = next {
            guard seen.insert(id).inserted else { throw DamagedImage(id, .cycle) }
            guard chain.count < V1Chain.lengthLimit else {
                throw DamagedImage(top, .tooManyAncestors(limit: V1Chain.lengthLimit))
            }
            chain.append(id)
            next = try await image(id).parent
        }
        try await checkAncestries(of: chain)
        return chain
    }

    /// A surveyed image of a chain returned before; nil for any other.
    func image(in chain: V1ImageID) -> SurveyedImage? {
        guard case .success(let image) = outcomes[chain] else { return nil }
        return image
    }

    private mutating func checkAncestries(of chain: [V1ImageID]) async throws {
        for (index, id) in chain.enumerated() where !sound.contains(id) {
            // Journaled images were checked along with all their ancestors.
            let wasChecked = chain[index...].allSatisfy { image(in: $0)?.isJournaled == true }
            if !wasChecked, let notice = try await source.tree.checkAncestry(of: id, against: chain[index...]),
                source.canHave(notice), case .success(var image) = outcomes[id]
            {
                image.notices.append(notice.description)
                outcomes[id] = .success(image)
            }
            sound.insert(id)
        }
    }

    private mutating func image(_ id: V1ImageID) async throws -> SurveyedImage {
        if let outcome = outcomes[id] { return try outcome.get() }
        do {
            let image = try await look(at: id)
            outcomes[id] = .success(image)
            return image
        } catch let damage as DamagedImage {
            outcomes[id] = .failure(ImageDamage(damage))
            throw damage
        } catch let damage as ImageDamage {
            outcomes[id] = .failure(damage)
            throw damage
        }
    }

    private func look(at id: V1ImageID) async throws -> SurveyedImage {
        if let entry = journal.images[id.description], let image = try await journaled(entry, id) { return image }
        let tree = source.tree
        // A registry returns nothing else of an incomplete image.
        if source.isRemote, try await tree.isInProgress(id) { throw DamagedImage(id, .unfinished) }
        let image = try await tree.image(id)
        guard let layer = try await tree.layerAttributes(id) else { throw DamagedImage(id, .noLayer) }
        return SurveyedImage(
            parent: image.parent,
            stamps: try await stamps(of: id),
            byteCount: layer.byteCount,
            modified: layer.modified,
            isInProgress: try await tree.isInProgress(id),
            record: try await importer.known(image),
            isJournaled: false
        )
    }

    /// The result of an earlier run, unless a file has changed or the blob has disappeared since.
    private func journaled(_ entry: JournaledImage, _ id: V1ImageID) async throws -> SurveyedImage? {
        if !source.keepsImages {
            guard try await stamps(of: id) == entry.stamps else { return nil }
        }
        if let damage = entry.damage {
            // Without stamps, the image may have been repaired unnoticed.
            if source.keepsImages { return nil }
            throw ImageDamage(image: id, reason: damage)
        }
        guard let record = entry.record, let blob = record.descriptor, try await destination.assumesPresent(blob) else {
            return nil
        }
        var image = SurveyedImage(
            parent: entry.parentID,
            stamps: entry.stamps,
            byteCount: record.source.byteCount,
            modified: record.source.modified,
            isInProgress: entry.stamps.isInProgress,
            record: record,
            isJournaled: true
        )
        image.notices = entry.notices
        return image
    }

    private func stamps(of id: V1ImageID) async throws -> ImageStamps {
        let keys = [V1Layout.json, V1Layout.layer, V1Layout.ancestry, V1Layout.checksum, V1Layout.inProgress]
        let stamps = try await source.tree.storage.attributes(of: keys.map { $0(id) }).map { $0.map(FileStamp.init) }
        return ImageStamps(
            json: stamps[0],
            layer: stamps[1],
            ancestry: stamps[2],
            checksum: stamps[3],
            isInProgress: stamps[4] != nil
        )
    }
}
