import Conversion
import ImageModel
package import Logging
package import Storage

/// A registry over one store, independent of the two protocols.
///
/// A class: it is passed to every request, and copying this many members would retain each of them.
package final class Registry: Sendable {
    /// Publishes every durable change.
    package let events: RegistryEvents
    /// The v2 blobs.
    package let blobs: Blobs
    /// Uploads in progress.
    package let uploads: Uploads
    /// The v1 tree, as docker-registry wrote it.
    package let tree: V1Tree
    /// The names of all repositories and tags.
    package let catalogue: Catalogue
    /// The pushes of v1 images.
    package let pushes: V1Pushes
    /// The v1 metadata of repositories.
    package let v1Repositories: V1Repositories
    /// The images that v1 clients see.
    package let v1Images: ServedV1Images
    /// Lists of the files in v1 layers.
    package let fileLists: FileLists
    /// The repositories through which callers may read v1 images.
    package let holders: ImageReachability
    /// Checks the v1 images that pushes refer to.
    package let namedImages: NamedImages
    /// Pushes of existing v1 images by callers who may not read them.
    let claims: PossessionProofs
    /// The index for `docker search`.
    package let search: SearchIndex
    /// The tags of both protocols.
    package let bridge: TagBridge
    /// The settings for v1 clients and v1 trees.
    package let v1: V1Settings
    /// Background maintenance of a v1 tree.
    package let upkeep: V1Upkeep
    /// The manifests that refer to subjects.
    package let referrers: Referrers
    /// Removes content that nothing needs.
    package let collector: Collector
    /// Removes the tags that retention rules do not keep.
    package let pruner: Pruner
    /// Which clients use which repositories.
    package let clients: ClientUses
    /// Who set which tag.
    package let tagPushes: TagPushes
    /// The rules about tags.
    package let tagRules: TagRules
    /// The settings for clients that do not accept the stored formats.
    package let compatibility: CompatibilitySettings
    /// Whether the storage is read-only.
    package let isReadOnly: Bool

    let manifests: Manifests
    let signatures: Schema1Signatures
    let derived: DerivedManifests
    let derivedBlobs: DerivedBlobs
    let derivation: Derivation
    let signer: ManifestSigner
    /// The sources of pulled manifests.
    let manifestSources: ManifestSources
    let servedBlobs: ServedBlobs
    let repositoryLocks: RepositoryLocks
    private let tagLocks = TagLocks()
    let revisionLocks = RevisionLocks()
    let guarded: GuardedStorage
    /// The content that immutable tags name.
    let protected: ProtectedContent

    /// Opens the registry in `storage`, which may be empty.
    ///
    /// If the storage is read-only, converted content is kept in memory.
    /// - Parameters:
    ///   - ledger: The ledger shared by writers and collectors; a process that is the only writer has its own.
    ///   - rules: The rules between writers and collectors to apply; tests omit one.
    package init(
        storage: any ObjectStorage,
        isReadOnly: Bool,
        configuration: Configuration,
        logger: Logger,
        ledger: any CollectionLedger = MemoryLedger(),
        rules: CollectionRules = .all
    ) {
        let base = isReadOnly ? OverlayStorage(over: storage, discarding: OwnLayout.root) : storage
        let guarded = GuardedStorage(base, ledger: ledger, rules: rules)
        let storage = TrackedStorage(guarded)
        self.guarded = guarded
        let window = configuration.window ?? RecentStorage.window(for: storage.traits)
        let recent = RecentStorage(over: storage, window: window)
        self.isReadOnly = isReadOnly
        let parts = RegistryParts(storage: storage, indexes: configuration.indexCompleteness, logger: logger)
        self.events = parts.events
        let tagPushes = TagPushes(storage: storage)
        self.tagPushes = tagPushes
        parts.events.subscribe { tagPushes.note($0) }
        self.repositoryLocks = parts.repositoryLocks
        self.blobs = parts.blobs
        self.tree = parts.tree
        self.clients = ClientUses(storage: storage)
        let damage = DamageLog(logger: logger)
        self.tagRules = TagRules(configuration.tagRules)
        self.protected = ProtectedContent(
            rules: tagRules,
            links: parts.tags,
            manifests: parts.manifests,
            damage: damage
        )
        self.catalogue = Catalogue(tree: tree, recent: recent, damage: damage)
        self.manifests = parts.manifests
        let signer = ManifestSigner(storage: storage, isReadOnly: isReadOnly)
        self.uploads = Uploads(
            storage: storage,
            blobs: blobs,
            signer: signer,
            limit: configuration.uploadLimit,
            events: events,
            locks: repositoryLocks
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
        self.v1Repositories = V1Repositories(tree: tree, events: events, repositoryLocks: repositoryLocks)
        self.bridge = TagBridge(
            parts: parts,
            recent: recent,
            locks: tagLocks,
            converter: converter,
            projections: projections,
            rules: tagRules,
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
        self.collector = Collector(storage, guarded: guarded, uploads: uploads, pushes: pushes, rules: rules)
        self.pruner = Pruner(
            parts: parts,
            rules: tagRules,
            catalogue: catalogue,
            bridge: bridge,
            collector: collector,
            damage: damage
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
