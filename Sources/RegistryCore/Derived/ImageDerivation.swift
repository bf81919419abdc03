import Conversion
import ImageModel
import NIOCore
import Storage

/// Makes the forms of one image, and the blobs that they need and the source has not.
struct ImageDerivation: Sendable {
    private let blobs: Blobs
    private let readings: LayerReadings
    private let origins: StoredChains

    init(storage: any ObjectStorage, blobs: Blobs, joiner: TagJoiner) {
        self.blobs = blobs
        self.readings = LayerReadings(storage: storage, blobs: blobs)
        self.origins = StoredChains(storage: storage, joiner: joiner)
    }

    /// The payload of an image's schema1 form.
    ///
    /// An image that came by v1 keeps its own JSONs and layers.
    func schema1(
        of manifest: Manifest,
        _ source: ServedManifest,
        name: RepositoryName,
        tag: Tag,
        storedTag: Tag
    ) async throws -> DerivedManifest {
        if let chain = try await origins.chain(of: manifest, source, tag: storedTag) {
            return DerivedManifest(schema1: chain, name: name, tag: tag)
        }
        let configuration = try await configuration(of: manifest)
        let chain = try ProjectedChain(image: manifest, configuration: configuration)
        let replacements = try await gzipped(manifest, in: source.repository)
        if chain.images.contains(where: { $0.layer == EmptyLayer.digest }) {
            try await blobs.writeEmptyLayer(into: source.repository)
        }
        return DerivedManifest(schema1: chain, name: name, tag: tag, replacing: replacements)
    }

    /// An image in Docker's words or in OCI's.
    func image(
        of manifest: Manifest,
        in vocabulary: ManifestVocabulary,
        repository: RepositoryName
    ) async throws -> DerivedManifest {
        if let schema1 = manifest.schema1 {
            return try await image(of: schema1, in: vocabulary, repository: repository)
        }
        let replacements = vocabulary == .docker ? try await gzipped(manifest, in: repository) : [:]
        return try DerivedManifest(image: manifest, in: vocabulary, replacing: replacements)
    }

    private func image(
        of schema1: Manifest.Schema1,
        in vocabulary: ManifestVocabulary,
        repository: RepositoryName
    ) async throws -> DerivedManifest {
        let history = try Schema1History(schema1)
        let image = try ConvertedImage(schema1: history, layers: try await layers(history.layers, in: repository))
        try await blobs.write(ByteBuffer(bytes: image.configuration), as: image.configurationDigest)
        try await blobs.link(image.configurationDigest, into: repository)
        let schema2 = try Manifest(parsing: image.manifest, contentType: .schema2)
        return try DerivedManifest(image: schema2, in: vocabulary)
    }

    private func layers(_ digests: [Digest], in repository: RepositoryName) async throws -> [Digest: StoredLayer] {
        var layers: [Digest: StoredLayer] = [:]
        for digest in digests where layers[digest] == nil {
            let layer = try await readings.layer(digest)
            try await blobs.link(layer.blob.digest, into: repository)
            layers[digest] = layer
        }
        return layers
    }

    /// The zstd layers of an image as gzip, which the repository then has too.
    private func gzipped(_ manifest: Manifest, in repository: RepositoryName) async throws -> [Digest: Descriptor] {
        var replacements: [Digest: Descriptor] = [:]
        for layer in manifest.layersToRecompress {
            let gzip = try await readings.gzip(layer.digest)
            try await blobs.link(gzip.digest, into: repository)
            replacements[layer.digest] = gzip
        }
        return replacements
    }

    private func configuration(of manifest: Manifest) async throws -> [UInt8] {
        let descriptor = try manifest.imageConfiguration()
        guard let bytes = try await blobs.read(descriptor.digest, limit: SmallFile.documentLimit) else {
            throw UnreadableLayer(digest: descriptor.digest, reason: "the configuration is not here")
        }
        return Array(buffer: bytes)
    }
}
