import Conversion
import ImageModel
import NIOCore
import Storage

/// Makes the forms of a manifest that clients need and that nobody pushed.
///
/// What was made once is kept and answered from then on: HEAD and GET agree, now and after a restart.
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

    private let sightings: Sightings
    let derived: DerivedManifests
    let manifests: Manifests
    let images: ImageDerivation
    let signer: ManifestSigner
    /// Layers may have to be read for it: that belongs to the server, not to a request, and is never done on an event loop.
    private let work = SharedWork<ObjectKey, ServedManifest>(failureLifetime: .zero) { _ in false }
    private let waitLimit: Duration
    /// Those that were asked for lately.
    private let recent: DerivedValues<ObjectKey, ServedManifest>

    init(
        _ sightings: Sightings,
        derived: DerivedManifests,
        manifests: Manifests,
        images: ImageDerivation,
        signer: ManifestSigner,
        waitLimit: Duration
    ) {
        self.sightings = sightings
        self.waitLimit = waitLimit
        self.recent = DerivedValues(sightings, costLimit: 16 << 20)
        self.derived = derived
        self.manifests = manifests
        self.images = images
        self.signer = signer
    }

    /// The manifest in another form.
    ///
    /// - Throws: ``UnderivableManifest``, ``UnreadableLayer``, or ``RegistryError``:
    ///   ``RegistryError/unavailable(reason:)`` when it takes longer than a request may wait.
    func manifest(_ form: DerivedForm, _ question: Question) async throws -> ServedManifest {
        let key = OwnLayout.derived(form, of: question.source.digest, in: question.source.repository)
        if let manifest = try await recent.value(for: key) { return manifest }
        guard let manifest = try await task(form, question, key).value(within: waitLimit) else {
            throw RegistryError.unavailable(
                reason: "the image is being converted for this client; ask again in a while"
            )
        }
        return manifest
    }

    private func task(
        _ form: DerivedForm,
        _ question: Question,
        _ key: ObjectKey
    ) async -> Task<ServedManifest, any Error> {
        let repository = question.source.repository
        return await work.task(for: key) {
            if let known = try await derived.known(form, of: question.source.digest, in: repository) {
                try await keep(known, for: key, question)
                return known
            }
            let (bytes, digest) = try await make(form, question)
            let revision = DerivedRevision(source: question.source.digest, root: question.root)
            try await derived.keep(bytes, as: digest, form, from: revision, in: repository)
            return ServedManifest(try Manifest(parsing: bytes, contentType: nil), digest: digest, in: repository)
        }
    }

    /// Keeps a manifest in memory for as long as its files are what they are.
    private func keep(_ manifest: ServedManifest, for key: ObjectKey, _ question: Question) async throws {
        let repository = manifest.repository
        let parsed = try Manifest(parsing: Array(buffer: manifest.content), contentType: manifest.mediaType)
        let revision = OwnLayout.derivedRevision(manifest.digest, in: repository)
        var keys = [key, revision.appending("data"), revision.appending("source")]
        keys += [question.source.digest, question.root].map { V2Layout.revisionLink($0, in: repository) }
        for blob in parsed.requiredBlobs {
            keys += [V2Layout.blobData(blob), V2Layout.layerLink(blob, in: repository)]
        }
        for child in parsed.manifests { keys += try await derived.files(of: child.descriptor.digest, in: repository) }
        let sources = try await Sources(keys, by: sightings)
        guard !sources.attributes.contains(nil) else { return }
        recent.keep(manifest, for: key, madeFrom: sources, cost: manifest.content.readableBytes + 256 * keys.count)
    }

    private func make(_ form: DerivedForm, _ question: Question) async throws -> (bytes: [UInt8], digest: Digest) {
        let source = question.source
        let manifest = try await manifests.read(source.digest, in: source.repository)
        switch form {
        case .schema1(let name, let tag):
            let derived = try await images.schema1(of: manifest, source, name: name, tag: tag, storedTag: question.tag)
            return (try await signer.sign(derived.bytes).bytes, derived.digest)
        case .image(let vocabulary):
            let derived = try await images.image(of: manifest, in: vocabulary, repository: source.repository)
            return (derived.bytes, derived.digest)
        case .index(let vocabulary):
            let derived = try await index(of: manifest, in: vocabulary, question)
            return (derived.bytes, derived.digest)
        }
    }

    /// A list of the images of a list, each in these words; what is no image or not here is left out.
    private func index(
        of manifest: Manifest,
        in vocabulary: ManifestVocabulary,
        _ question: Question
    ) async throws -> DerivedManifest {
        var images: [Digest: Descriptor] = [:]
        for entry in manifest.imageEntries {
            let digest = entry.descriptor.digest
            guard let image = try await image(digest, in: vocabulary, question) else { continue }
            images[digest] = image
        }
        return try DerivedManifest(index: manifest, in: vocabulary, of: images)
    }

    private func image(
        _ digest: Digest,
        in vocabulary: ManifestVocabulary,
        _ question: Question
    ) async throws -> Descriptor? {
        let repository = question.source.repository
        do {
            let child = ServedManifest(try await manifests.read(digest, in: repository), digest: digest, in: repository)
            if child.mediaType == vocabulary.imageType { return child.descriptor }
            guard [.schema2, .ociManifest].contains(Manifest.Kind(child.mediaType)) else { return nil }
            let part = Question(source: child, root: question.root, name: question.name, tag: question.tag)
            let form = DerivedForm.image(vocabulary)
            let key = OwnLayout.derived(form, of: digest, in: repository)
            return try await task(form, part, key).value.descriptor
        } catch is UnderivableManifest {
            return nil
        } catch RegistryError.manifestUnknown {
            return nil
        }
    }
}

extension ServedManifest {
    /// The manifest as an index names it.
    var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(content.readableBytes))
    }
}
