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
    private let damage: DamageLog
    let derived: DerivedManifests
    let derivedBlobs: DerivedBlobs
    let manifests: Manifests
    let images: ImageDerivation
    let signer: ManifestSigner
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
        self.damage = damage
        self.storage = storage
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
    func schema1(_ question: Question) async throws -> ServedManifest {
        let top = try await images.origin(of: question.source, tag: question.tag)
        return try await manifest(.schema1(question.name, question.tag, top: top), question)
    }

    /// The manifest in another form.
    ///
    /// - Throws: ``UnderivableManifest``, ``UnreadableLayer``, or ``RegistryError``:
    ///   ``RegistryError/unavailable(reason:)`` when it takes longer than a request may wait.
    func manifest(_ form: DerivedForm, _ question: Question) async throws -> ServedManifest {
        let answered = Answered(
            form: OwnLayout.derived(form, of: question.source.digest, in: question.source.repository),
            root: question.root
        )
        if let manifest = try await recent.value(for: answered) { return manifest }
        guard let manifest = try await manifest(form, question, answered, within: waitLimit) else {
            throw RegistryError.unavailable(
                reason: "the image is being converted for this client; ask again in a while"
            )
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
            return try await index(of: manifest, in: vocabulary, question)
        }
    }

    /// A list of the images of a list, each in these words; what is no image, not here or cannot be read is left out.
    private func index(
        of manifest: Manifest,
        in vocabulary: ManifestVocabulary,
        _ question: Question
    ) async throws -> Made {
        guard manifest.imageEntries.count <= Self.entryLimit else {
            throw UnderivableManifest.tooManyImages(limit: Self.entryLimit)
        }
        var images: [Digest: Descriptor] = [:]
        var leftOut: Observation?
        for entry in manifest.imageEntries {
            let digest = entry.descriptor.digest
            switch try await image(digest, in: vocabulary, question) {
            case .image(let image): images[digest] = image
            case .noImage: break
            case .leftOut(let files):
                if leftOut == nil { leftOut = files } else { leftOut?.add(files) }
            }
        }
        let derived = try DerivedManifest(index: manifest, in: vocabulary, of: images)
        return Made(bytes: derived.bytes, digest: derived.digest, leftOut: leftOut)
    }

    /// A list of more images is given as it is stored, or not at all: each would have to be looked at for every client.
    private static let entryLimit = 1000

    /// What an entry of a list becomes.
    private enum Entry {
        case image(Descriptor)
        /// It has no such form, whatever happens.
        case noImage
        /// It is not here, or damaged; with the files that would change if it were put right.
        case leftOut(Observation)
    }

    private func image(
        _ digest: Digest,
        in vocabulary: ManifestVocabulary,
        _ question: Question
    ) async throws -> Entry {
        let repository = question.source.repository
        // Looked at before, so that what is put right meanwhile is seen later.
        let files = [V2Layout.revisionLink(digest, in: repository), V2Layout.blobData(digest)]
        let sources = try await storage.observe(files)
        do {
            let child = ServedManifest(try await manifests.read(digest, in: repository), digest: digest, in: repository)
            if child.mediaType == vocabulary.imageType { return .image(child.descriptor) }
            guard [.schema2, .ociManifest].contains(Manifest.Kind(child.mediaType)) else { return .noImage }
            let part = Question(source: child, root: question.root, name: question.name, tag: question.tag)
            let form = DerivedForm.image(vocabulary)
            let key = OwnLayout.derived(form, of: digest, in: repository)
            let answered = Answered(form: key, root: question.root)
            guard let made = try await manifest(form, part, answered, within: nil) else { return .noImage }
            return .image(made.descriptor)
        } catch UnderivableManifest.unusableConfiguration(let configuration, _) {
            return .leftOut(try await storage.observe([V2Layout.blobData(configuration)]))
        } catch is UnderivableManifest {
            return .noImage
        } catch is UnconvertibleImage {
            return .noImage
        } catch let error as StorageError where error.isOfOneObject {
            damage.note(error, of: digest.description, in: repository.description)
            return .leftOut(sources)
        } catch let error as UnreadableLayer {
            return .leftOut(try await storage.observe([V2Layout.blobData(error.digest)]))
        } catch StorageError.readOnly {
            return .noImage
        } catch RegistryError.manifestUnknown {
            return .leftOut(sources)
        }
    }
}

extension ServedManifest {
    /// The manifest as an index names it.
    var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(content.readableBytes))
    }
}
