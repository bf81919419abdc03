import ImageModel
import RegistryCore
import Storage
import SystemLibraries

/// Imports layers: each is fetched if necessary, read, verified, stored and recorded in the journal.
struct LayerWork: Sendable {
    let source: any MigrationSource
    let destination: any MigrationDestination
    let journal: MigrationJournal
    let policy: LayerImportPolicy
    let rate: RateLimit?
    let progress: MigrationProgress

    /// The importer of a layer that `firstRepository` is the first to need.
    func importer(
        firstRepository: RepositoryName,
        onBytesSent: @escaping @Sendable (Int) -> Void = { _ in },
        onBytesRead: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) -> LayerImporter {
        LayerImporter(
            from: source.tree,
            into: destination.workspace,
            blobs: destination.blobs(firstRepository: firstRepository, onBytesSent: onBytesSent),
            policy: policy,
            onBytesRead: onBytesRead
        )
    }

    /// The irregularities of a layer that was imported before.
    func notices(of id: V1ImageID, _ image: SurveyedImage, _ record: LayerRecord) async throws -> [V1Notice] {
        guard let firstRepository = image.firstRepository else { return [] }
        return try await importer(firstRepository: firstRepository).notices(of: id, record).filter(source.canHave)
    }

    /// Imports the layer of an image and records the result, success or damage.
    func run(_ id: V1ImageID, _ surveyed: SurveyedImage) async throws -> LayerImport {
        guard let firstRepository = surveyed.firstRepository else { throw DamagedImage(id, .missing) }
        progress.begin(id, byteCount: surveyed.byteCount)
        defer { progress.didFinish(id) }
        do {
            let layer = try await importLayer(id, firstRepository, surveyed)
            try await source.release(id)
            try await note(id, surveyed, layer)
            return layer
        } catch let damage as DamagedImage where damage.isLasting {
            try await source.release(id)
            if !source.keepsImages {
                try await journal.append(.image(JournaledImage(id, surveyed, record: nil, damage: damage.description)))
            }
            throw damage
        }
    }

    /// Records an imported layer: imported in this run, by a server, or by a run with another journal.
    func note(_ id: V1ImageID, _ surveyed: SurveyedImage, _ layer: LayerImport) async throws {
        var entry = JournaledImage(id, surveyed, record: layer.record, damage: nil)
        entry.notices += layer.notices.map(\.description)
        guard let firstRepository = surveyed.firstRepository, let blob = layer.record.descriptor?.digest else {
            return try await journal.append(.image(entry))
        }
        let placement = BlobPlacement(layer.placement, isRemote: source.isRemote)
        try await journal.append(entry, blob, in: firstRepository, placement)
    }

    private func importLayer(_ id: V1ImageID, _ firstRepository: RepositoryName, _ surveyed: SurveyedImage) async throws
        -> LayerImport
    {
        let file = try await fetch(id, surveyed)
        do {
            return try await importLayer(id, firstRepository, surveyed, from: file)
        } catch let damage as DamagedImage where file.isPatched && damage.fault.isOfTheLayer {
            // The patched pieces may not fit together: fetch the whole layer and try again.
            try await source.release(id)
            return try await importLayer(id, firstRepository, surveyed, from: try await fetch(id, surveyed))
        }
    }

    private func fetch(_ id: V1ImageID, _ surveyed: SurveyedImage) async throws -> LayerFile {
        try await source.layer(of: id, byteCount: surveyed.byteCount) { byteCount in
            progress.didFetch(byteCount, of: id)
            try await rate?.take(byteCount)
        }
    }

    private func importLayer(
        _ id: V1ImageID,
        _ firstRepository: RepositoryName,
        _ surveyed: SurveyedImage,
        from file: LayerFile
    ) async throws -> LayerImport {
        let image = try await source.tree.image(id)
        // Fetched bytes are rate-limited while they are fetched, not when they are read from disk.
        let isFetched = source.isRemote
        let layer = try await importer(firstRepository: firstRepository) {
            progress.didSend($0, of: id)
        } onBytesRead: { byteCount in
            progress.didRead(byteCount, of: id)
            if !isFetched { try await rate?.take(byteCount) }
        }.importLayer(of: image, from: file.source, arriving: file.arrival, expecting: source.blob(of: id))
        let notices = layer.notices.filter(source.canHave)
        return LayerImport(record: layer.record, placement: layer.placement, notices: notices)
    }
}

extension DamagedImage {
    /// Whether reading the same files again would fail the same way on any machine.
    fileprivate var isLasting: Bool {
        switch fault {
        case .layer(.libraryMissing), .layer(.memoryLimit), .changedWhileRead: false
        case .missing, .noJSON, .malformedJSON, .wrongID, .cycle, .tooManyAncestors, .tooMuchJSON,
            .contradictoryAncestry, .repeatedAncestor, .unfinished, .noLayer, .layer, .checksumMismatch, .wrongDigest,
            .unconvertible:
            true
        }
    }
}

extension JournaledImage {
    init(_ id: V1ImageID, _ surveyed: SurveyedImage, record: LayerRecord?, damage: String?) {
        self.init(
            image: id.description,
            stamps: surveyed.stamps,
            parent: surveyed.parent?.description,
            notices: surveyed.notices,
            record: record,
            damage: damage
        )
    }
}

/// Limits the rate at which all readers together take bytes.
actor RateLimit {
    private let bytesPerSecond: Double
    /// When the bytes taken so far have used up their time.
    private var free = ContinuousClock.now

    /// - Parameter bytesPerSecond: Must be positive.
    init(_ bytesPerSecond: Int64) { self.bytesPerSecond = Double(bytesPerSecond) }

    /// Takes `byteCount` bytes, and returns when they fit the rate.
    func take(_ byteCount: Int) async throws {
        free = max(free, .now) + .seconds(Double(byteCount) / bytesPerSecond)
        try await Task.sleep(until: free, clock: .continuous)
    }
}

/// How a blob got to the destination, which decides whether its bytes need to be read back.
enum BlobPlacement: Sendable {
    /// Stored by an earlier run.
    case known
    /// A blob with that digest and size existed when its layer was read.
    case shared
    /// The very file that was hashed.
    case linked
    /// Copied, recompressed or sent.
    case written

    /// - Parameter isRemote: Whether the layer was fetched: a link is then not to a file of the source.
    init(_ placement: LayerImport.Placement, isRemote: Bool) {
        self =
            switch placement {
            case .known: .known
            case .shared: .shared
            case .placed(.hardLink) where !isRemote, .placed(.alreadyThere), .placed(.freshCopyLinked): .linked
            case .placed(.copy), .placed(.reflink), .placed(.hardLink), .recompressed: .written
            }
    }
}
