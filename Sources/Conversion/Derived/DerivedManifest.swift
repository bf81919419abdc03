package import ImageModel
import SystemLibraries

/// A manifest that says of the same blobs the same in another form.
///
/// The same source gives the same bytes, every time.
package struct DerivedManifest: Sendable, Equatable {
    /// What the manifest is to be declared as.
    package let mediaType: MediaType
    /// The manifest.
    package let bytes: [UInt8]
    /// The SHA-256 of the bytes.
    package let digest: Digest

    /// The manifest as an index names it.
    package var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    init(_ bytes: [UInt8], mediaType: MediaType) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.digest = Digest(.sha256, of: bytes)
    }
}

/// Of one image.
extension DerivedManifest {
    /// An image's schema2 or OCI manifest in the other's words.
    ///
    /// Annotations, subject and artifact type are left out: schema2 has none.
    /// - Parameter replacements: layers that are named in another compression, by the digests that the source has.
    /// - Throws: ``UnderivableManifest``: for what is no image, and for zstd layers without replacement in Docker's words.
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

    /// The payload of an image's schema1 manifest, which is to be signed.
    ///
    /// - Parameters:
    ///   - chain: the v1 images of the image.
    ///   - name: the repository that the manifest is asked for in: engines compare it.
    ///   - tag: the tag that it is asked for by: engines compare it.
    ///   - replacements: layers that are named in another compression, by the digests that the chain has.
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

/// Of a list of images.
extension DerivedManifest {
    /// An index or a manifest list in the other's words.
    ///
    /// - Parameter images: the images that stand in it, in the same words, by the digests that the source has. Entries
    ///   without one are left out: artifacts, attestations, and what is not here.
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
