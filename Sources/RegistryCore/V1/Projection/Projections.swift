package import Conversion
package import ImageModel
import NIOCore
package import Storage
import SystemLibraries

/// The v1 images that images of v2 are seen as: computed when they are asked for, and found by their ids.
///
/// Nothing is written to show them. The index of ids is in memory; an id that it does not know makes it look through
/// all tags, once.
package actor Projections {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let blobs: Blobs
    private let manifests: Manifests
    private let tags: TagLinks
    private let origins: ManifestOrigins
    private let listings: Listings
    private var index = ProjectionIndex()
    private var survey: Task<Void, any Error>?

    private let platform: Platform

    /// - Parameter platform: Whose image an index or a manifest list is to an engine that knows neither.
    init(storage: any ObjectStorage, listings: Listings, platform: Platform) {
        self.platform = platform
        self.storage = storage
        self.listings = listings
        self.tree = V1Tree(storage: storage)
        self.blobs = Blobs(storage: storage)
        self.manifests = Manifests(storage: storage, blobs: blobs)
        self.tags = TagLinks(storage: storage)
        self.origins = ManifestOrigins(storage: storage)
    }

    /// The v1 id that a manifest of a repository has: that of the image it was converted from, as long as that is in
    /// the tree, else the projection's. Nil for what is no image.
    func id(of manifest: Digest, in name: RepositoryName) async throws -> V1ImageID? {
        let place = ProjectionIndex.Place(name: name, manifest: manifest)
        if let known = index.top(of: place) { return known }
        if let origin = try await origin(of: manifest) { return origin }
        guard let chain = try await chain(of: place) else { return nil }
        index.add(chain.images.map(\.id), of: place)
        return chain.images.last?.id
    }

    /// The v1 image that a manifest was converted from, as long as that is in the tree.
    func origin(of manifest: Digest) async throws -> V1ImageID? {
        guard let origin = try await origins.image(of: manifest), try await tree.json(origin) != nil,
            try await !tree.isInProgress(origin)
        else { return nil }
        return origin
    }

    /// The ids of the images that a manifest of a repository is projected to; none for what is no image.
    func images(of place: ProjectionIndex.Place) async throws -> [V1ImageID] {
        try await chain(of: place)?.images.map(\.id) ?? []
    }

    /// A projected image of one manifest and its ancestors, the root first and the image itself last.
    func lineage(of id: V1ImageID, in place: ProjectionIndex.Place) async throws -> [ProjectedImage]? {
        guard let chain = try await chain(of: place), let end = chain.images.firstIndex(where: { $0.id == id }) else {
            return nil
        }
        return Array(chain.images[...end])
    }

    /// Whether the tree has this very image, with the same JSON and the same layer: it was written there for the sake of a
    /// child or a tag.
    func isStored(_ image: ProjectedImage) async throws -> Bool {
        guard let json = try await tree.json(image.id), json == ByteBuffer(bytes: image.json),
            let layer = try await tree.openLayer(image.id), let blob = try await legibleBlob(of: image)
        else { return false }
        let attributes = try await storage.attributes(of: V2Layout.blobData(blob))
        if layer.attributes.identity == attributes?.identity { return true }
        guard layer.attributes.byteCount == attributes?.byteCount else { return false }
        var hash = StreamingDigest(blob.algorithm)
        try await hash.update(reading: layer)
        return hash.digest() == blob
    }

    /// The repository in which an image is to be seen by its projected id, or nil when there is none.
    func locate(_ id: V1ImageID) async throws -> RepositoryName? { try await place(of: id)?.name }

    /// A projected image and its ancestors, the root first and the image itself last; nil when there is no such image.
    package func lineage(of id: V1ImageID) async throws -> [ProjectedImage]? {
        guard let place = try await place(of: id) else { return nil }
        guard let chain = try await chain(of: place), let end = chain.images.firstIndex(where: { $0.id == id }) else {
            index.remove(place)
            return nil
        }
        return Array(chain.images[...end])
    }

    /// Opens the layer of a projected image; nil when its blob is not here.
    package func openLayer(of image: ProjectedImage) async throws -> (any ObjectReader)? {
        try await blobs.open(image.layer)
    }

    /// Writes a projected image and its ancestors into the tree, for the sake of a v1 child or a v1 tag, and answers
    /// whether there was such an image.
    ///
    /// An image of the same id that is in the tree already stays. The layer comes last: a file that is a blob too must
    /// never stand beside a mark that lets docker-registry write into it.
    ///
    /// - Parameter place: The manifest whose projection it is to be; nil for any that has it.
    func store(_ id: V1ImageID, from place: ProjectionIndex.Place? = nil) async throws -> Bool {
        let found = if let place { try await lineage(of: id, in: place) } else { try await lineage(of: id) }
        guard let lineage = found else { return false }
        var ancestry: V1Ancestry?
        for image in lineage {
            ancestry = try V1Ancestry(of: image.id, below: ancestry)
            guard try await tree.layerAttributes(image.id) == nil else { continue }
            guard let blob = try await legibleBlob(of: image) else { return false }
            try await storage.write(ByteBuffer(bytes: image.json), to: V1Layout.json(image.id))
            try await storage.write(ByteBuffer(bytes: ancestry?.encoded ?? []), to: V1Layout.ancestry(image.id))
            let source = LinkSource(V2Layout.blobData(blob), in: storage)
            _ = try await storage.link(source, to: V1Layout.layer(image.id), allowing: .hardLink)
        }
        return true
    }

    /// The blob with the layer of an image in a compression that old engines read.
    private func legibleBlob(of image: ProjectedImage) async throws -> Digest? {
        if image.layer == EmptyLayer.digest {
            try await blobs.write(ByteBuffer(bytes: EmptyLayer.bytes), as: image.layer)
        }
        guard let reader = try await blobs.open(image.layer) else { return nil }
        return try await Transcoding(storage: storage, blobs: blobs).legible(image.layer, reader)
    }

    private func place(of id: V1ImageID) async throws -> ProjectionIndex.Place? {
        if index.place(of: id) == nil { try await surveyAll() }
        guard let place = index.place(of: id) else { return nil }
        guard try await manifests.contains(place.manifest, in: place.name) else {
            index.remove(place)
            return nil
        }
        return place
    }

    /// Looks through all tags, once in the life of the process: what is tagged later is indexed when it is listed.
    private func surveyAll() async throws {
        if survey == nil {
            survey = Task {
                for name in try await tags.repositories(listings) {
                    for tag in try await tags.list(in: name) { try await survey(tag, in: name) }
                }
            }
        }
        do {
            try await survey?.value
        } catch {
            survey = nil
            throw error
        }
    }

    private func survey(_ tag: Tag, in name: RepositoryName) async throws {
        do {
            guard let digest = try await tags.read(tag, in: name) else { return }
            _ = try await id(of: digest, in: name)
        } catch StorageError.unreadable {
            // One tag that cannot be read must not hide the images of all others; who asks for it is told.
            return
        }
    }

    private nonisolated func chain(of place: ProjectionIndex.Place) async throws -> ProjectedChain? {
        let manifest: Manifest
        do {
            manifest = try await manifests.read(place.manifest, in: place.name)
        } catch RegistryError.manifestUnknown {
            return nil
        }
        do {
            if let schema1 = manifest.schema1 { return try ProjectedChain(schema1) }
            if let child = manifest.manifests.first(where: { $0.platform == platform }) {
                return try await chain(of: .init(name: place.name, manifest: child.descriptor.digest))
            }
            guard let configuration = manifest.configuration,
                [.dockerConfiguration, .ociConfiguration].contains(configuration.mediaType),
                let bytes = try await blobs.read(configuration.digest, limit: SmallFile.documentLimit)
            else { return nil }
            return try ProjectedChain(configuration: Array(buffer: bytes), layers: manifest.layers.map(\.digest))
        } catch is UnprojectableImage {
            return nil
        }
    }
}
