import Conversion
import ImageModel
import NIOCore
import Storage

/// Converts manifests to forms that clients need but nobody pushed.
///
/// A converted manifest is stored and served from then on, so HEAD and GET agree, even after a restart.
struct Derivation: Sendable {
    /// A request for a manifest by tag.
    struct Question: Sendable {
        /// The manifest as stored.
        let source: ServedManifest
        /// The manifest the tag points to: the source, or an index that lists it.
        let root: Digest
        /// The requested repository: the source's, or its alias.
        let name: RepositoryName
        let tag: Tag
    }

    /// A cache key: a form, requested through a tagged manifest.
    private struct Answered: Hashable, Sendable {
        let form: ObjectKey
        let root: Digest
    }

    private let storage: RecentStorage
    private let derived: DerivedManifests
    private let derivedBlobs: DerivedBlobs
    private let manifests: Manifests
    private let images: ImageDerivation
    private let indexes: IndexDerivation
    private let signer: ManifestSigner
    /// Conversions may have to read layers, so they belong to the server, not to a request, and avoid the event loops.
    private let work = SharedWork<Answered, ServedManifest>(failureLifetime: .zero) { _ in false }
    private let locks = KeyedLocks<ObjectKey>()
    private let waitLimit: Duration
    private let events: RegistryEvents
    /// Recently requested forms.
    private let recent: DerivedValues<Answered, ServedManifest>

    init(
        _ storage: RecentStorage,
        derived: DerivedManifests,
        derivedBlobs: DerivedBlobs,
        manifests: Manifests,
        images: ImageDerivation,
        signer: ManifestSigner,
        waitLimit: Duration,
        events: RegistryEvents,
        damage: DamageLog
    ) {
        self.storage = storage
        self.indexes = IndexDerivation(storage, manifests: manifests, damage: damage)
        self.waitLimit = waitLimit
        self.events = events
        self.recent = DerivedValues(storage, costLimit: 16 << 20)
        self.derived = derived
        self.derivedBlobs = derivedBlobs
        self.manifests = manifests
        self.images = images
        self.signer = signer
    }

    /// The manifest as schema1.
    ///
    /// - Throws: Like ``manifest(_:_:)``.
    func schema1(_ question: Question) async throws(FormFailure) -> ServedManifest {
        let top: V1ImageID?
        do { top = try await images.origin(of: question.source, tag: question.tag) } catch { throw FormFailure(error) }
        return try await manifest(.schema1(question.name, question.tag, top: top), question)
    }

    /// The manifest in another form.
    ///
    /// - Throws: ``FormFailure/failed(_:)`` with ``RegistryError/unavailable(reason:)`` if it takes longer than a
    ///   request may wait.
    func manifest(_ form: DerivedForm, _ question: Question) async throws(FormFailure) -> ServedManifest {
        let answered = Answered(
            form: OwnLayout.derived(form, of: question.source.digest, in: question.source.repository),
            root: question.root
        )
        let manifest: ServedManifest?
        do {
            if let manifest = try await recent.value(for: answered) { return manifest }
            manifest = try await self.manifest(form, question, answered, within: waitLimit)
        } catch {
            throw FormFailure(error)
        }
        guard let manifest else {
            let reason = "the image is being converted for this client; try again later"
            throw .failed(.unavailable(reason: reason))
        }
        return manifest
    }

    /// The converted manifest; nil if conversion takes longer than `limit`.
    private func manifest(
        _ form: DerivedForm,
        _ question: Question,
        _ answered: Answered,
        within limit: Duration?
    ) async throws -> ServedManifest? {
        try await work.value(for: answered, within: limit) {
            // The same form may be requested through another root at the same time.
            try await locks.withLock(answered.form) {
                guard form.isOfOneImage else { return try await manifest(form, question, answered) }
                // An index waits for the images it lists, each of which waits for its own turn.
                return try await DocumentScope.deriving { try await manifest(form, question, answered) }
            }
        }
    }

    private func manifest(
        _ form: DerivedForm,
        _ question: Question,
        _ answered: Answered
    ) async throws -> ServedManifest {
        let repository = question.source.repository
        let source = DerivedSource(manifest: question.source.digest, root: question.root)
        if let known = try await derived.known(form, of: source.manifest, in: repository) {
            try await derived.follow(source, with: known.digest, in: repository)
            try await keep(known, for: answered, from: source)
            return known
        }
        let made = try await RegistryActivity.observing(events) {
            try await make(form, question)
        } as: { made, _ in
            .derivation(form: form.name, succeeded: made != nil)
        }
        try await derived.keep(
            made.bytes,
            as: made.digest,
            from: source,
            // An index with omissions is converted again when their files change: they may have been repaired.
            form: made.leftOut == nil ? form : nil,
            in: repository,
            with: made.parts
        )
        let manifest = ServedManifest(Manifest(stored: made.bytes), digest: made.digest, in: repository)
        if let leftOut = made.leftOut { try await keep(manifest, for: answered, from: source, lacking: leftOut) }
        return manifest
    }

    /// Caches a manifest in memory until one of the files it depends on changes.
    ///
    /// - Parameter leftOut: The files of omitted entries that may be repaired; no form is recorded on disk then.
    private func keep(
        _ manifest: ServedManifest,
        for answered: Answered,
        from source: DerivedSource,
        lacking leftOut: Observation? = nil
    ) async throws {
        let repository = manifest.repository
        let parsed = await manifest.parsed()
        var keys =
            (leftOut == nil ? [answered.form] : []) + derived.files(of: manifest.digest, from: source, in: repository)
        for blob in parsed.requiredBlobs { keys += try await derivedBlobs.files(of: blob, in: repository) }
        for child in parsed.manifests { keys += try await derived.files(of: child.descriptor.digest, in: repository) }
        var sources = try await storage.observe(keys)
        guard !sources.attributes.contains(nil) else { return }
        if let leftOut {
            keys += leftOut.keys
            sources.add(leftOut)
        }
        let cost = manifest.content.readableBytes + 256 * keys.count
        recent.keep(manifest, for: answered, madeFrom: sources, cost: cost)
    }

    /// A derived manifest.
    private struct Made {
        let bytes: [UInt8]
        let digest: Digest
        /// The changes that store the blobs it needs.
        var parts = WriteBatch()
        /// The files of entries that were left out of an index and may be repaired; nil if there are none.
        var leftOut: Observation?
    }

    private func make(_ form: DerivedForm, _ question: Question) async throws -> Made {
        let source = question.source
        let manifest = try await manifests.read(source.digest, in: source.repository)
        try manifest.requireSound()
        switch form {
        case .schema1(let name, let tag, let top):
            var parts = WriteBatch()
            let derived = try await images.schema1(of: manifest, source, name: name, tag: tag, top: top, &parts)
            return Made(bytes: try await signer.sign(derived.bytes).bytes, digest: derived.digest, parts: parts)
        case .image(let vocabulary):
            var parts = WriteBatch()
            let derived = try await images.image(of: manifest, source, in: vocabulary, &parts)
            return Made(bytes: derived.bytes, digest: derived.digest, parts: parts)
        case .index(let vocabulary):
            let (derived, leftOut) = try await indexes.index(of: manifest, in: vocabulary, source.repository) { child in
                let part = Question(source: child, root: question.root, name: question.name, tag: question.tag)
                let form = DerivedForm.image(vocabulary)
                let key = OwnLayout.derived(form, of: child.digest, in: child.repository)
                return try await self.manifest(form, part, Answered(form: key, root: question.root), within: nil)
            }
            return Made(bytes: derived.bytes, digest: derived.digest, leftOut: leftOut)
        }
    }
}
