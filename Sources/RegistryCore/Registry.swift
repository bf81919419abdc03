package import ImageModel
package import Logging
package import Storage
import SystemLibraries

/// A registry over one directory: what both protocols ask, in neither's words.
package struct Registry: Sendable {
    /// What the operator chose.
    package struct Configuration: Sendable {
        /// How many v1 layers may be read at once.
        package var conversionConcurrency: Int
        /// What concerns v1 clients and v1 trees.
        package var legacy: LegacySettings

        package init(conversionConcurrency: Int, legacy: LegacySettings = LegacySettings()) {
            self.conversionConcurrency = conversionConcurrency
            self.legacy = legacy
        }
    }

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
    package let legacyRepositories: V1Repositories
    /// The images that v1 sees.
    package let legacyImages: LegacyImages
    /// What can be found by `docker search`.
    package let search: SearchIndex
    /// The tags of both protocols.
    package let bridge: TagBridge
    /// What concerns v1 clients and v1 trees.
    package let legacy: LegacySettings
    /// Whether nothing may be written.
    package let isReadOnly: Bool

    private let manifests: Manifests
    private let joiner: TagJoiner
    private let tagLocks = TagLocks()
    private let converter: Converter

    /// Opens the registry that `storage` holds, or that will be made in it.
    package init(storage: any ObjectStorage, isReadOnly: Bool, configuration: Configuration, logger: Logger) {
        self.isReadOnly = isReadOnly
        self.blobs = Blobs(storage: storage)
        self.uploads = Uploads(storage: storage, blobs: blobs)
        self.tree = V1Tree(storage: storage)
        self.catalogue = Catalogue(storage: storage)
        self.manifests = Manifests(storage: storage, blobs: blobs)
        self.joiner = TagJoiner(tree: tree, storage: storage)
        self.converter = Converter(
            storage: storage,
            locks: tagLocks,
            concurrency: configuration.conversionConcurrency,
            settings: configuration.legacy,
            logger: logger
        )
        let projections = Projections(storage: storage)
        self.legacyImages = LegacyImages(tree: tree, projections: projections, storage: storage)
        self.legacy = configuration.legacy
        self.search = SearchIndex(storage: storage)
        self.legacyRepositories = V1Repositories(storage: storage, search: search)
        self.pushes = V1Pushes(storage: storage, projections: projections, converter: converter)
        self.bridge = TagBridge(
            storage: storage,
            locks: tagLocks,
            converter: converter,
            projections: projections,
            search: search
        )
    }
}

/// Pulls.
extension Registry {
    /// The manifest that a tag or a digest names in a repository, and its digest.
    ///
    /// A tag that v1 alone knows is converted first.
    package func manifest(_ reference: Reference, in name: RepositoryName) async throws -> (Manifest, Digest) {
        let name = try await nameForPull(name)
        let digest =
            switch reference {
            case .digest(let digest): digest
            case .tag(let tag): try await resolve(tag, in: name)
            }
        return (try await manifests.read(digest, in: name), digest)
    }

    /// Opens a blob of a repository.
    package func blob(_ digest: Digest, in name: RepositoryName) async throws -> any ObjectReader {
        try await blobs.open(digest, in: nameForPull(name))
    }

    /// The name under which a repository is to be looked for.
    ///
    /// A pull of `library/X` where that does not exist is answered from `X`, and the other way round.
    private func nameForPull(_ name: RepositoryName) async throws -> RepositoryName {
        let other: String
        let prefix = "\(V1RepositoryName.libraryNamespace)/"
        if name.description.hasPrefix(prefix) {
            other = String(name.description.dropFirst(prefix.count))
        } else if !name.description.contains("/") {
            other = prefix + name.description
        } else {
            return name
        }
        guard try await !catalogue.contains(name), let alias = try? RepositoryName(parsing: other),
            try await catalogue.contains(alias)
        else { return name }
        return alias
    }

    private func resolve(_ tag: Tag, in name: RepositoryName) async throws -> Digest {
        switch try await joiner.join(tag, in: name) {
        case .manifest(let digest): return digest
        case .absent: throw RegistryError.manifestUnknown(reference: tag.description, reason: nil)
        case .image(let image):
            guard !isReadOnly else {
                throw RegistryError.manifestUnknown(
                    reference: tag.description,
                    reason: "it is a v1 image, and nothing can be converted in a directory that is read-only"
                )
            }
            return try await converter.convert(image, tag: tag, in: name)
        }
    }
}

/// Pushes.
extension Registry {
    /// Stores a pushed manifest under its digest and, when it came by tag, under the tag.
    ///
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)`` when the reference is another digest.
    package func put(
        _ manifest: Manifest,
        under reference: Reference,
        in name: RepositoryName
    ) async throws -> Digest {
        try refuseWhenReadOnly()
        switch reference {
        case .digest(let digest):
            let actual = Digest(digest.algorithm, of: manifest.bytes)
            guard actual == digest else { throw RegistryError.digestMismatch(expected: digest, actual: actual) }
            try await manifests.write(manifest, as: digest, in: name)
            return digest
        case .tag(let tag):
            let digest = Digest(.sha256, of: manifest.bytes)
            try await manifests.write(manifest, as: digest, in: name)
            try await bridge.set(tag, to: digest, in: name)
            return digest
        }
    }

    /// Makes a blob of one repository one of another's as well, and answers whether there was such a blob.
    package func mount(_ digest: Digest, from source: RepositoryName, into name: RepositoryName) async throws -> Bool {
        try refuseWhenReadOnly()
        guard try await blobs.contains(digest, in: source) else { return false }
        try await blobs.link(digest, into: name)
        return true
    }

    /// Refuses a write to a directory that cannot be written to.
    package func refuseWhenReadOnly() throws {
        if isReadOnly { throw RegistryError.readOnly }
    }
}
