import Conversion
import ImageModel
import Storage

/// The v1 images that images of v2 are seen as: computed when they are asked for, and found by their ids.
///
/// Nothing is written to show them. The index of ids is in memory. An id that it does not know makes it look through
/// the tags, but not again and again: a client that asks for ids that nobody has costs next to nothing.
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
    /// What was tagged here and has not been looked at yet.
    private var pending: Set<ProjectionIndex.Place> = []
    private var looking: Task<Void, any Error>?
    /// When the tags may be looked through again.
    private var nextLook = ContinuousClock.now

    /// How much longer than a look through the tags takes the next one has to wait.
    private static let restFactor = 20
    /// How long it has to wait at least.
    private static let rest = Duration.seconds(10)
    /// More tags than that are found by looking through all.
    private static let pendingLimit = 100_000

    /// - Parameters:
    ///   - platform: Whose image an index or a manifest list is to an engine that knows neither.
    ///   - waitLimit: How long a request waits for the tags to be looked through.
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
    }

    /// The v1 id that a manifest of a repository has: that of the image it was converted from, as long as that is in
    /// the tree, else the projection's. Nil for what is no image, and where the tree has another image of that id.
    func id(of manifest: Digest, in name: RepositoryName) async throws -> V1ImageID? {
        let place = ProjectionIndex.Place(name: name, manifest: manifest)
        if let known = index.top(of: place) { return known }
        if let origin = try await origin(of: manifest) { return origin }
        guard let chain = try await chains.chain(of: place), try await !areHidden(chain) else { return nil }
        index.add(chain.ids, of: place)
        return chain.ids.last
    }

    /// A tag was set: the images of its manifest may be asked for before the tag is.
    func expect(_ manifest: Digest, in name: RepositoryName) {
        guard pending.count < Self.pendingLimit else { return }
        pending.insert(ProjectionIndex.Place(name: name, manifest: manifest))
    }

    /// The v1 image that a manifest was converted from, as long as that is in the tree.
    func origin(of manifest: Digest) async throws -> V1ImageID? {
        guard let origin = try await origins.image(of: manifest), try await tree.hasJSON(origin),
            try await !tree.isInProgress(origin)
        else { return nil }
        return origin
    }

    /// The ids of the images that a manifest of a repository is projected to; none for what is no image, and where the
    /// tree has another image of one of the ids.
    func images(of place: ProjectionIndex.Place) async throws -> [V1ImageID] {
        guard let chain = try await chains.chain(of: place), try await !areHidden(chain) else { return [] }
        return chain.ids
    }

    private func areHidden(_ chain: PlacedChain) async throws -> Bool {
        try await stored.areHidden(chain) { [chains] in try await chains.images(of: chain) }
    }

    /// A projected image of one manifest and its ancestors, the root first and the image itself last.
    func lineage(of id: V1ImageID, in place: ProjectionIndex.Place) async throws -> ProjectedLineage? {
        try await placedLineage(of: id, in: place)?.lineage
    }

    /// Whether the tree has this very image: it was written there for the sake of a child or a tag.
    func isStored(_ image: ProjectedImage) async throws -> Bool {
        try await stored.contains(image)
    }

    /// The repository in which an image is to be seen by its projected id, or nil when there is none.
    func locate(_ id: V1ImageID) async throws -> RepositoryName? { try await place(of: id)?.name }

    /// A projected image and its ancestors, the root first and the image itself last; nil when there is no such image.
    func lineage(of id: V1ImageID) async throws -> ProjectedLineage? {
        try await placedLineage(of: id)?.lineage
    }

    /// Opens the layer of a projected image; nil when the repository that it is seen in has no such blob.
    func openLayer(of image: ProjectedImage, in name: RepositoryName) async throws -> (any ObjectReader)? {
        do { return try await blobs.open(image.layer, in: name) } catch RegistryError.blobUnknown { return nil }
    }

    /// Makes sure that an image is in the tree, and returns whether it is. One of v2 is written there, for the sake of a v1
    /// child or a v1 tag; again where a process died while it wrote it, and left its JSON alone.
    func materialize(_ id: V1ImageID) async throws -> Bool {
        guard try await tree.hasJSON(id) else { return try await store(id) }
        if try await tree.layerAttributes(id) == nil, try await !tree.isInProgress(id) { _ = try await store(id) }
        var batch = WriteBatch()
        batch.require(V1Layout.json(id))
        try await tree.storage.commit(batch)
        return true
    }

    /// Writes a projected image and its ancestors into the tree, for the sake of a v1 child or a v1 tag, and returns
    /// whether there was such an image.
    ///
    /// - Parameter place: The manifest whose projection it is to be; nil for any that has it.
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

    /// Indexes what was tagged here since the tags were looked through, and looks through them if it is time.
    private func lookAround(for id: V1ImageID) async throws {
        // Who joins a look that others began may be after what was tagged since it began.
        for _ in 0..<2 {
            let isTime = !pending.isEmpty || ContinuousClock.now >= nextLook
            guard index.place(of: id) == nil, looking != nil || isTime else { return }
            let task = looking ?? Task { try await look() }
            looking = task
            guard try await task.value(within: waitLimit) != nil else {
                throw RegistryError.unavailable(
                    reason: "the images of v2 are being looked through; ask again in a while"
                )
            }
        }
    }

    private func look() async throws {
        defer { looking = nil }
        let places = Array(pending)
        pending = []
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
            // One image that cannot be read must not hide all others: a request for it gets the error.
            damage.note(error, of: place.manifest.description, in: place.name.description)
        }
    }
}
