package import ImageModel
import SystemLibraries

/// A manifest converted to another format, for the same blobs.
///
/// The conversion is deterministic: the same source always gives the same bytes.
package struct DerivedManifest: Sendable, Equatable {
    /// The media type of the manifest.
    package let mediaType: MediaType
    /// The bytes of the manifest.
    package let bytes: [UInt8]
    /// The SHA-256 of the bytes.
    package let digest: Digest

    /// The manifest's descriptor for an index.
    package var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    init(_ bytes: [UInt8], mediaType: MediaType) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.digest = Digest(.sha256, of: bytes)
    }
}

/// Single images.
extension DerivedManifest {
    /// Converts an image's schema2 or OCI manifest to the other vocabulary.
    ///
    /// Annotations, subject and artifact type are omitted: schema2 has none.
    /// - Parameter replacements: Recompressed layers, by the digests in the source.
    /// - Throws: ``UnderivableManifest`` if it is not an image, or for zstd layers without replacement in Docker's
    ///   vocabulary.
    package init(
        image manifest: Manifest,
        in vocabulary: ManifestVocabulary,
        replacing replacements: [Digest: Descriptor] = [:]
    ) throws(UnderivableManifest) {
        let configuration = try manifest.imageConfiguration()
        var layers: [Descriptor] = []
        for layer in manifest.layers {
            let source = replacements[layer.digest] ?? layer
            guard let type = LayerMediaType(source.mediaType) else { throw .foreignContent(source.mediaType) }
            guard vocabulary == .oci || type.compression != .zstd else { throw .unreadableLayer(source.digest) }
            layers.append(source.declared(as: type.mediaType(in: vocabulary)))
        }
        self.init(
            ImageDocument(
                vocabulary: vocabulary,
                configuration: configuration.declared(as: vocabulary.configurationType),
                layers: layers
            ).bytes,
            mediaType: vocabulary.imageType
        )
    }

    /// The payload of an image's schema1 manifest, to be signed.
    ///
    /// - Parameters:
    ///   - chain: The v1 images of the image.
    ///   - name: The requested repository: engines compare it.
    ///   - tag: The requested tag: engines compare it.
    ///   - replacements: Recompressed layers, by the digests in the chain.
    package init(
        schema1 chain: ProjectedChain,
        name: RepositoryName,
        tag: Tag,
        replacing replacements: [Digest: Descriptor] = [:]
    ) {
        let document = Schema1Document(
            name: name,
            tag: tag,
            architecture: chain.architecture,
            entries: chain.images.reversed().map { image in
                Schema1Document.Entry(layer: replacements[image.layer]?.digest ?? image.layer, json: image.json)
            }
        )
        self.init(document.bytes, mediaType: .schema1Signed)
    }
}

/// Lists of images.
extension DerivedManifest {
    /// Converts an index or manifest list to the other vocabulary.
    ///
    /// - Parameter images: The converted images, by the digests in the source. Entries without one are omitted:
    ///   artifacts, attestations, and images that are not stored here.
    package init(
        index: Manifest,
        in vocabulary: ManifestVocabulary,
        of images: [Digest: Descriptor]
    ) throws(UnderivableManifest) {
        let document = IndexDocument(index, vocabulary: vocabulary, images: images)
        guard !document.entries.isEmpty else { throw .noImages }
        self.init(document.bytes, mediaType: vocabulary.indexType)
    }
}
