import Conversion
import ImageModel
import NIOCore
import Storage

/// Makes the forms of a manifest that clients need and that nobody pushed.
///
/// What was made once is kept and served from then on: HEAD and GET agree, now and after a restart.
struct Derivation: Sendable {
    /// A manifest that a client asked for by tag, and what it asked for.
    struct Question: Sendable {
        /// The manifest as it is stored.
        let source: ServedManifest
        /// The manifest that the tag names: the source, or a list that names it.
        let root: Digest
        /// The name that the client asked for: the source's repository, or its alias.
        let name: RepositoryName
        let tag: Tag
    }

    /// What was asked for lately: a form, by way of a manifest that a tag names.
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
    /// Layers may have to be read for it: that belongs to the server, not to a request, and is never done on an event loop.
    private let work = SharedWork<Answered, ServedManifest>(failureLifetime: .zero) { _ in false }
    private let locks = KeyedLocks<ObjectKey>()
    private let waitLimit: Duration
    /// Those that were asked for lately.
    private let recent: DerivedValues<Answered, ServedManifest>

    init(
        _ storage: RecentStorage,
        derived: DerivedManifests,
        derivedBlobs: DerivedBlobs,
        manifests: Manifests,
        images: ImageDerivation,
        signer: ManifestSigner,
        waitLimit: Duration,
        damage: DamageLog
    ) {
        self.storage = storage
        self.indexes = IndexDerivation(storage, manifests: manifests, damage: damage)
        self.waitLimit = waitLimit
        self.recent = DerivedValues(storage, costLimit: 16 << 20)
        self.derived = derived
        self.derivedBlobs = derivedBlobs
        self.manifests = manifests
        self.images = images
        self.signer = signer
    }

    /// The manifest as schema1.
    ///
    /// - Throws: As ``manifest(_:_:)``.
    func schema1(_ question: Question) async throws(FormFailure) -> ServedManifest {
        let top: V1ImageID?
        do { top = try await images.origin(of: question.source, tag: question.tag) } catch { throw FormFailure(error) }
        return try await manifest(.schema1(question.name, question.tag, top: top), question)
    }

    /// The manifest in another form.
    ///
    /// - Throws: ``FormFailure``: ``RegistryError/unavailable(reason:)`` when it takes longer than a request may wait.
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
            let reason = "the image is being converted for this client; ask again in a while"
            throw .failed(.unavailable(reason: reason))
        }
        return manifest
    }

    /// The manifest; nil when it takes longer than `limit` to make.
    private func manifest(
        _ form: DerivedForm,
        _ question: Question,
        _ answered: Answered,
        within limit: Duration?
    ) async throws -> ServedManifest? {
        try await work.value(for: answered, within: limit) {
            // By way of another root it may be made at the same time.
            try await locks.withLock(answered.form) {
                guard form.isOfOneImage else { return try await manifest(form, question, answered) }
                // An index waits for the images that it names, each of which has a turn of its own.
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
        let made = try await make(form, question)
        try await derived.keep(
            made.bytes,
            as: made.digest,
            from: source,
            // Made again when a file of what was left out changes: what was damaged may have been mended.
            form: made.leftOut == nil ? form : nil,
            in: repository,
            with: made.parts
        )
        let manifest = ServedManifest(Manifest(stored: made.bytes), digest: made.digest, in: repository)
        if let leftOut = made.leftOut { try await keep(manifest, for: answered, from: source, lacking: leftOut) }
        return manifest
    }

    /// Keeps a manifest in memory for as long as its files are what they are.
    ///
    /// - Parameter leftOut: The files of what was left out of it and may be put right: no form is noted then.
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

    /// What was derived.
    private struct Made {
        let bytes: [UInt8]
        let digest: Digest
        /// What stores the blobs that it needs.
        var parts = WriteBatch()
        /// The files of what was left out of a list and may be put right; nil where nothing was.
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
