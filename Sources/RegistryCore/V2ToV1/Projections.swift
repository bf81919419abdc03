import Conversion
import ImageModel
import Storage

/// v2 images as presented to v1 clients: computed on request and found by id.
///
/// Presenting an image writes nothing. The index of ids is in memory. A request for an unknown id scans the tags, but
/// only after a pause since the last scan: requests for nonexistent ids cost next to nothing.
actor Projections {
    private let tree: V1Tree
    private let blobs: Blobs
    private let manifests: Manifests
    private let chains: ProjectedManifests
    private let stored: StoredProjections
    private let origins: ManifestOrigins
    private let survey: TagSurvey
    private let waitLimit: Duration
    private let damage: DamageLog
    private var index = ProjectionIndex()
    /// Manifests that were tagged by this process and are not indexed yet: clients may request their images before they
    /// request the tag.
    private let pending = PendingChanges<ProjectionIndex.Place>(limit: pendingLimit)
    private var looking: Task<Void, any Error>?
    /// The earliest time for the next scan of the tags.
    private var nextLook = ContinuousClock.now

    /// The pause after a scan of the tags, as a multiple of its duration.
    private static let restFactor = 20
    /// The minimum pause.
    private static let rest = Duration.seconds(10)
    /// The maximum number of pending manifests; a scan of the tags finds the others.
    private static let pendingLimit = 100_000

    /// - Parameters:
    ///   - platform: The platform whose image stands for an index or manifest list: v1 knows neither.
    ///   - waitLimit: How long a request waits for a scan of the tags.
    init(
        parts: RegistryParts,
        recent: RecentStorage,
        platform: Platform,
        waitLimit: Duration,
        transcoding: Transcoding,
        damage: DamageLog
    ) {
        self.damage = damage
        self.waitLimit = waitLimit
        self.tree = parts.tree
        self.blobs = parts.blobs
        self.manifests = parts.manifests
        self.chains = ProjectedManifests(
            blobs: parts.blobs,
            manifests: parts.manifests,
            platform: platform,
            damage: damage
        )
        self.stored = StoredProjections(parts: parts, transcoding: transcoding)
        self.origins = parts.origins
        self.survey = TagSurvey(tags: parts.tags, recent: recent, damage: damage)
        parts.events.subscribe { [pending] event in
            guard case .tagSet(_, .manifest(let digest)) = event.change, let name = event.repository?.v2 else { return }
            pending.note(ProjectionIndex.Place(name: name, manifest: digest))
        }
    }

    /// The v1 id of a manifest: that of the image it was converted from if the tree has it, else that of its
    /// projection. Nil if the manifest is not an image, or if the tree has a different image with that id.
    func id(of manifest: Digest, in name: RepositoryName) async throws -> V1ImageID? {
        let place = ProjectionIndex.Place(name: name, manifest: manifest)
        if let known = index.top(of: place) { return known }
        if let origin = try await origin(of: manifest) { return origin }
        guard let chain = try await chains.chain(of: place), try await !areHidden(chain) else { return nil }
        index.add(chain.ids, of: place)
        return chain.ids.last
    }

    /// The v1 image that a manifest was converted from, if the tree still has it complete.
    func origin(of manifest: Digest) async throws -> V1ImageID? {
        guard let origin = try await origins.image(of: manifest), try await tree.hasJSON(origin),
            try await !tree.isInProgress(origin)
        else { return nil }
        return origin
    }

    /// The ids of the images that a manifest is projected to. Empty if it is not an image, or if the tree has a
    /// different image with one of the ids.
    func images(of place: ProjectionIndex.Place) async throws -> [V1ImageID] {
        guard let chain = try await chains.chain(of: place), try await !areHidden(chain) else { return [] }
        return chain.ids
    }

    private func areHidden(_ chain: PlacedChain) async throws -> Bool {
        try await stored.areHidden(chain) { [chains] in try await chains.images(of: chain) }
    }

    /// A projected image of one manifest with its ancestors, root first, the image itself last.
    func lineage(of id: V1ImageID, in place: ProjectionIndex.Place) async throws -> ProjectedLineage? {
        try await placedLineage(of: id, in: place)?.lineage
    }

    /// Whether the tree has exactly this image, because it was written there for a child or a tag.
    func isStored(_ image: ProjectedImage) async throws -> Bool {
        try await stored.contains(image)
    }

    /// A repository with the projected image of this id; nil if there is none.
    func locate(_ id: V1ImageID) async throws -> RepositoryName? { try await place(of: id)?.name }

    /// A projected image with its ancestors, root first, the image itself last; nil if there is no such image.
    func lineage(of id: V1ImageID) async throws -> ProjectedLineage? {
        try await placedLineage(of: id)?.lineage
    }

    /// Opens the layer of a projected image; nil if the repository has no such blob.
    func openLayer(of image: ProjectedImage, in name: RepositoryName) async throws -> (any ObjectReader)? {
        do { return try await blobs.open(image.layer, in: name) } catch RegistryError.blobUnknown { return nil }
    }

    /// Ensures that an image is in the tree, and returns whether it is. A v2 image is written there for a v1 child or
    /// tag, and again if a process died while writing it and left only its JSON.
    func materialize(_ id: V1ImageID) async throws -> Bool {
        guard try await tree.hasJSON(id) else { return try await store(id) }
        if try await tree.layerAttributes(id) == nil, try await !tree.isInProgress(id) { _ = try await store(id) }
        var batch = WriteBatch()
        batch.require(V1Layout.json(id))
        do throws(StorageError) { try await tree.storage.commit(batch) } catch {
            // It was deleted in the meantime.
            guard error.isOfAbsentV1Image else { throw error }
            return false
        }
        return true
    }

    /// Writes a projected image and its ancestors into the tree for a v1 child or tag, and returns whether it could.
    ///
    /// - Parameter place: The manifest to project; nil for any that has the image.
    func store(_ id: V1ImageID, from place: ProjectionIndex.Place? = nil) async throws -> Bool {
        let found = if let place { try await placedLineage(of: id, in: place) } else { try await placedLineage(of: id) }
        guard let (lineage, chain) = found else { return false }
        return try await stored.store(lineage, of: chain)
    }

    private func placedLineage(of id: V1ImageID) async throws -> (lineage: ProjectedLineage, chain: PlacedChain)? {
        guard let place = try await place(of: id) else { return nil }
        let found = try await placedLineage(of: id, in: place)
        if found == nil { index.remove(place) }
        return found
    }

    private func placedLineage(of id: V1ImageID, in place: ProjectionIndex.Place) async throws
        -> (lineage: ProjectedLineage, chain: PlacedChain)?
    {
        guard let chain = try await chains.chain(of: place), let end = chain.ids.firstIndex(of: id),
            let images = try await chains.images(of: chain)
        else { return nil }
        return (ProjectedLineage(images: Array(images[...end]), repository: place.name), chain)
    }

    private func place(of id: V1ImageID) async throws -> ProjectionIndex.Place? {
        if index.place(of: id) == nil { try await lookAround(for: id) }
        guard let place = index.place(of: id) else { return nil }
        guard try await manifests.contains(place.manifest, in: place.name) else {
            index.remove(place)
            return nil
        }
        return place
    }

    /// Indexes manifests tagged here since the last scan, and scans all tags if it is time.
    private func lookAround(for id: V1ImageID) async throws {
        // A scan started by another request may miss tags set since it began: then try once more.
        for _ in 0..<2 {
            let isTime = !pending.isEmpty || ContinuousClock.now >= nextLook
            guard index.place(of: id) == nil, looking != nil || isTime else { return }
            let task = looking ?? Task { try await look() }
            looking = task
            guard try await task.value(within: waitLimit) != nil else {
                throw RegistryError.unavailable(
                    reason: "v2 images are being indexed; try again later"
                )
            }
        }
    }

    private func look() async throws {
        defer { looking = nil }
        let places = Array(pending.takeAll())
        _ = try await places.mapInParallel { place in try await self.lookAt(place) }
        let start = ContinuousClock.now
        guard start >= nextLook else { return }
        try await survey.forEachPlace { place in try await self.lookAt(place) }
        nextLook = .now + max(Self.rest, start.duration(to: .now) * Self.restFactor)
    }

    private func lookAt(_ place: ProjectionIndex.Place) async throws {
        do {
            _ = try await id(of: place.manifest, in: place.name)
        } catch let error as StorageError where error.isOfOneObject {
            // An unreadable image must not hide all others: a request for it gets the error.
            damage.note(error, of: place.manifest.description, in: place.name.description)
        }
    }
}
