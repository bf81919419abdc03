import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Converts one image to other forms, and creates the blobs that they need and the source lacks. The changes that store
/// small blobs are added to a batch.
struct ImageDerivation: Sendable {
    private let blobs: Blobs
    private let derivedBlobs: DerivedBlobs
    private let configurations: ImageConfigurations
    private let readings: LayerReadings
    private let origins: StoredChains

    init(
        parts: RegistryParts,
        derivedBlobs: DerivedBlobs,
        transcoding: Transcoding,
        limits: LayerLimits
    ) {
        self.blobs = parts.blobs
        self.derivedBlobs = derivedBlobs
        self.configurations = ImageConfigurations(blobs: parts.blobs)
        self.readings = LayerReadings(blobs: parts.blobs, transcoding: transcoding, limits: limits)
        self.origins = StoredChains(parts: parts)
    }

    /// The v1 image a manifest was converted from, preferably the image recorded for `tag`; nil if there is none.
    func origin(of source: ServedManifest, tag: Tag) async throws -> V1ImageID? {
        try await origins.top(of: source, tag: tag)
    }

    /// The payload of an image's schema1 form.
    ///
    /// - Parameter top: The v1 image it was converted from, whose JSONs and layers are kept; nil if there is none.
    func schema1(
        of manifest: Manifest,
        _ source: ServedManifest,
        name: RepositoryName,
        tag: Tag,
        top: V1ImageID?,
        _ batch: inout WriteBatch
    ) async throws -> DerivedManifest {
        if let top, let chain = try await origins.chain(of: manifest, from: top) {
            return DerivedManifest(schema1: chain, name: name, tag: tag)
        }
        let configuration = try await configurations.read(of: manifest)
        let chain = try ProjectedChain(image: manifest, configuration: configuration)
        let replacements = try await gzipped(manifest, source, &batch)
        if chain.images.contains(where: { $0.layer == EmptyLayer.digest }) { batch.emptyLayer(in: source.repository) }
        return DerivedManifest(schema1: chain, name: name, tag: tag, replacing: replacements)
    }

    /// An image in Docker's or OCI's media types.
    func image(
        of manifest: Manifest,
        _ source: ServedManifest,
        in vocabulary: ManifestVocabulary,
        _ batch: inout WriteBatch
    ) async throws -> DerivedManifest {
        if let schema1 = manifest.schema1 { return try await image(of: schema1, source, in: vocabulary, &batch) }
        let measured = try await measured(manifest)
        let replacements = vocabulary == .docker ? try await gzipped(measured, source, &batch) : [:]
        return try DerivedManifest(image: measured, in: vocabulary, replacing: replacements)
    }

    private func image(
        of schema1: Manifest.Schema1,
        _ source: ServedManifest,
        in vocabulary: ManifestVocabulary,
        _ batch: inout WriteBatch
    ) async throws -> DerivedManifest {
        let history = try Schema1History(schema1)
        let image = try ConvertedImage(schema1: history, layers: try await layers(history.layers, source, &batch))
        batch.blob(ByteBuffer(bytes: image.configuration), as: image.configurationDigest)
        try await derivedBlobs.add(image.configurationDigest, for: source.digest, in: source.repository, &batch)
        let schema2 = try Manifest(parsing: image.manifest, contentType: .schema2)
        return try DerivedManifest(image: schema2, in: vocabulary)
    }

    private func layers(
        _ digests: [Digest],
        _ source: ServedManifest,
        _ batch: inout WriteBatch
    ) async throws -> [Digest: StoredLayer] {
        var layers: [Digest: StoredLayer] = [:]
        for digest in digests where layers[digest] == nil {
            let layer = try await readings.layer(digest)
            let blob = layer.blob.digest
            if blob == digest {
                batch.require(V2Layout.blobData(digest))
                batch.link(digest, at: V2Layout.layerLink(digest, in: source.repository))
            } else {
                try await derivedBlobs.add(blob, for: source.digest, of: digest, in: source.repository, &batch)
            }
            layers[digest] = layer
        }
        return layers
    }

    /// Recompresses the zstd layers of an image to gzip, and adds them to the repository.
    private func gzipped(
        _ manifest: Manifest,
        _ source: ServedManifest,
        _ batch: inout WriteBatch
    ) async throws -> [Digest: Descriptor] {
        var replacements: [Digest: Descriptor] = [:]
        for layer in manifest.layersToRecompress {
            let gzip = try await readings.gzip(layer.digest)
            try await derivedBlobs.add(gzip.digest, for: source.digest, of: layer.digest, in: source.repository, &batch)
            replacements[layer.digest] = gzip
        }
        return replacements
    }

    /// The manifest with missing sizes filled in, because engines check them.
    private func measured(_ manifest: Manifest) async throws -> Manifest {
        let descriptors = [manifest.configuration].compactMap(\.self) + manifest.layers
        let digests = descriptors.filter { $0.size <= 0 }.map(\.digest)
        guard !digests.isEmpty else { return manifest }
        let attributes = try await blobs.storage.attributes(of: digests.map { V2Layout.blobData($0) })
        let known = zip(digests, attributes).compactMap { digest, found in found.map { (digest, $0.byteCount) } }
        return manifest.measured(Dictionary(known) { $1 })
    }
}
