import Conversion
import ImageModel
package import Logging
package import Storage
package import SystemLibraries

/// A registry over one directory: what both protocols ask, in neither's words.
///
/// A class because it is handed on by every request, and has much in it that a copy would have to count.
package final class Registry: Sendable {
    /// What the operator chose.
    package struct Configuration: Sendable {
        /// How many v1 layers may be read at once.
        package var conversionConcurrency: Int
        /// What concerns v1 clients and v1 trees.
        package var v1: V1Settings
        /// What concerns clients that do not take what is stored.
        package var compatibility: CompatibilitySettings
        /// Which manifests of an index must be here before it is accepted.
        package var indexCompleteness: IndexCompleteness
        /// How long a response may be made from objects as they were: when a change that another process makes beside this
        /// one is seen at the latest. Nil for what suits the storage (``RecentStorage/window(for:)``).
        package var window: Duration?
        /// The most uploads of v2 at once.
        package var uploadLimit = 10_000
        /// The most images that v1 clients may have begun and not ended.
        package var begunImageLimit = 10_000
        /// How much work one layer may be that somebody asks for in another form.
        package var layerLimits = LayerLimits()

        package init(
            conversionConcurrency: Int,
            v1: V1Settings = V1Settings(),
            compatibility: CompatibilitySettings = CompatibilitySettings(),
            indexCompleteness: IndexCompleteness = .all
        ) {
            self.indexCompleteness = indexCompleteness
            self.conversionConcurrency = conversionConcurrency
            self.v1 = v1
            self.compatibility = compatibility
        }
    }

    /// Where every durable change is published.
    package let events: RegistryEvents
    /// The blobs of v2.
    package let blobs: Blobs
    /// The uploads that go on.
    package let uploads: Uploads
    /// The v1 tree, as docker-registry wrote it.
    package let tree: V1Tree
    /// The names and tags that there are.
    package let catalogue: Catalogue
    /// The pushes of v1 images.
    package let pushes: V1Pushes
    /// What v1 notes of repositories.
    package let v1Repositories: V1Repositories
    /// The images that v1 sees.
    package let v1Images: ServedV1Images
    /// What is in the layers of v1 images.
    package let fileLists: FileLists
    /// Through which repositories v1 images may be seen.
    package let holders: ImageReachability
    /// The v1 images that pushes name.
    package let namedImages: NamedImages
    /// Pushes of v1 images that are there already, by callers who may not read them.
    let claims: PossessionProofs
    /// What can be found by `docker search`.
    package let search: SearchIndex
    /// The tags of both protocols.
    package let bridge: TagBridge
    /// What concerns v1 clients and v1 trees.
    package let v1: V1Settings
    /// What is done to a v1 tree while nobody waits for it.
    package let upkeep: V1Upkeep
    /// The manifests that refer to subjects.
    package let referrers: Referrers
    /// What concerns clients that do not take what is stored.
    package let compatibility: CompatibilitySettings
    /// Whether nothing may be written.
    package let isReadOnly: Bool

    let manifests: Manifests
    let signatures: Schema1Signatures
    let derived: DerivedManifests
    let derivedBlobs: DerivedBlobs
    let derivation: Derivation
    private let signer: ManifestSigner
    /// Where pulled manifests come from.
    let manifestSources: ManifestSources
    let servedBlobs: ServedBlobs
    private let tagLocks = TagLocks()
    let revisionLocks = RevisionLocks()

    /// Opens the registry that `storage` holds, or that will be made in it.
    ///
    /// Where nothing may be written, what is derived from what is there is kept in memory.
    package init(storage: any ObjectStorage, isReadOnly: Bool, configuration: Configuration, logger: Logger) {
        let base = isReadOnly ? OverlayStorage(over: storage, discarding: OwnLayout.root) : storage
        let storage = TrackedStorage(base)
        let window = configuration.window ?? RecentStorage.window(for: storage.traits)
        let recent = RecentStorage(over: storage, window: window)
        self.isReadOnly = isReadOnly
        let parts = RegistryParts(storage: storage, indexes: configuration.indexCompleteness, logger: logger)
        self.events = parts.events
        self.blobs = parts.blobs
        self.tree = parts.tree
        let damage = DamageLog(logger: logger)
        self.catalogue = Catalogue(tree: tree, recent: recent, damage: damage)
        self.manifests = parts.manifests
        let signer = ManifestSigner(storage: storage, isReadOnly: isReadOnly)
        self.uploads = Uploads(
            storage: storage,
            blobs: blobs,
            signer: signer,
            limit: configuration.uploadLimit,
            events: events
        )
        self.signatures = Schema1Signatures(storage: storage, signer: signer)
        self.servedBlobs = ServedBlobs(recent, blobs: blobs)
        self.referrers = Referrers(recent: recent, manifests: manifests, damage: damage)
        self.compatibility = configuration.compatibility
        let sources = DerivedSources(storage: storage, manifests: manifests, blobs: blobs)
        self.derivedBlobs = DerivedBlobs(blobs: blobs, sources: sources)
        self.derived = DerivedManifests(
            storage: storage,
            manifests: manifests,
            blobs: blobs,
            derivedBlobs: derivedBlobs,
            sources: sources
        )
        self.signer = signer
        let limits = configuration.layerLimits
        let transcoding = Transcoding(storage: storage, blobs: blobs, limits: limits)
        self.derivation = Derivation(
            recent,
            derived: derived,
            derivedBlobs: derivedBlobs,
            manifests: manifests,
            images: ImageDerivation(
                parts: parts,
                derivedBlobs: derivedBlobs,
                transcoding: transcoding,
                limits: limits
            ),
            signer: signer,
            waitLimit: configuration.v1.conversionWait,
            damage: damage
        )
        let converter = Converter(
            parts: parts,
            locks: tagLocks,
            revisionLocks: revisionLocks,
            concurrency: configuration.conversionConcurrency,
            settings: configuration.v1,
            limits: limits,
            logger: logger
        )
        self.manifestSources = ManifestSources(
            parts: parts,
            recent: recent,
            signatures: signatures,
            converter: converter,
            derived: derived,
            catalogue: catalogue,
            isReadOnly: isReadOnly
        )
        let projections = Projections(
            parts: parts,
            recent: recent,
            platform: configuration.compatibility.platform,
            waitLimit: configuration.v1.conversionWait,
            transcoding: transcoding,
            damage: damage
        )
        self.v1Images = ServedV1Images(
            tree: tree,
            projections: projections,
            storage: storage,
            transcoding: transcoding
        )
        self.fileLists = FileLists(storage: storage, limits: limits)
        self.v1 = configuration.v1
        self.search = SearchIndex(parts: parts, recent: recent, damage: damage)
        self.v1Repositories = V1Repositories(tree: tree, events: events)
        self.bridge = TagBridge(
            parts: parts,
            recent: recent,
            locks: tagLocks,
            converter: converter,
            projections: projections,
            damage: damage
        )
        self.holders = ImageReachability(
            parts: parts,
            recent: recent,
            bridge: bridge,
            projections: projections,
            damage: damage
        )
        self.namedImages = NamedImages(parts: parts, holders: holders, projections: projections)
        self.claims = PossessionProofs(parts: parts, holders: holders, projections: projections, limits: limits)
        self.pushes = V1Pushes(
            parts: parts,
            projections: projections,
            converter: converter,
            named: namedImages,
            claims: claims,
            limits: limits,
            begunLimit: configuration.begunImageLimit
        )
        self.upkeep = V1Upkeep(
            tree: tree,
            bridge: bridge,
            pushes: pushes,
            isBackground: configuration.v1.conversion == .background && !isReadOnly,
            logger: logger,
            damage: damage
        )
    }
}

/// What is done before the first request.
extension Registry {
    /// Makes the key that schema1 manifests are signed with, unless there is one, and takes up which blobs were found
    /// damaged.
    package func prepare() async throws(RegistryError) {
        try await RegistryError.translating {
            if !isReadOnly { try await signer.prepare() }
            try await blobs.checks.prepare()
        }
    }

    /// Where a request is best handled that reads and writes much.
    package var executor: any TaskExecutor { manifests.storage.executor ?? globalConcurrentExecutor }

    /// What tokens are signed with that this registry gives out: the same as long as the directory has its key. A
    /// directory that cannot be written to and has no key yet gives another one to each process.
    package func tokenSecret() async throws(RegistryError) -> [UInt8] {
        try await RegistryError.translating { try await signer.secret(for: "longshore access tokens") }
    }
}
