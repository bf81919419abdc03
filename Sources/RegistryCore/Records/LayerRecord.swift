package import ImageModel
import Storage
import SystemLibraries

/// What is known of a v1 image's layer once it was read: the content of `longshore/images/ab/ID`.
///
/// It is a cache: it speaks of the layer file that `source` describes, and of no other.
package struct LayerRecord: Codable, Hashable, Sendable {
    /// The layer file that was read.
    package struct Source: Codable, Hashable, Sendable {
        /// Its size.
        package let byteCount: Int64
        /// When it was last written to, in nanoseconds since 1970.
        package let modified: Int64
        /// The digest of the image's JSON, which the stored checksum covers too.
        package let json: String
    }

    /// The file that this record speaks of.
    package let source: Source
    /// The sha256 of the layer as it is stored.
    package let digest: String
    /// The sha256 of the tar in it.
    package let diffID: String
    /// How it is compressed.
    package let compression: String
    /// The blob that manifests name: the layer itself, or the gzip that it was recompressed to.
    package let blob: String
    /// The size of that blob.
    package let blobByteCount: Int64
    /// What was out of order and did no harm.
    package let hasVerifiedChecksum: Bool
    /// Whether the tarsum that is stored was computed and is another; nil when it was not.
    package var hasDifferentTarsum: Bool?
}

extension LayerRecord {
    /// What a scan found of the layer of `image`, which stands in the file with `attributes`.
    init(
        _ image: V1Image,
        _ attributes: ObjectAttributes,
        _ facts: LayerFacts,
        blob: Digest,
        blobByteCount: Int64,
        checksum: V1Notice? = nil
    ) {
        self.init(
            source: Source(image, attributes),
            digest: facts.digest.description,
            diffID: facts.diffID.description,
            compression: facts.compression.rawValue,
            blob: blob.description,
            blobByteCount: blobByteCount,
            hasVerifiedChecksum: checksum == nil,
            hasDifferentTarsum: checksum == .differentTarsum ? true : nil
        )
    }

    /// The layer as a manifest names it, or nil for a record that was tampered with.
    package var descriptor: Descriptor? {
        guard let digest = try? Digest(parsing: blob) else { return nil }
        let isPlain = compression == Compression.none.rawValue
        return Descriptor(
            mediaType: isPlain ? .dockerLayerTar : .dockerLayerGzip,
            digest: digest,
            size: blobByteCount
        )
    }

    /// The DiffID, or nil for a record that was tampered with.
    package var parsedDiffID: Digest? { try? Digest(parsing: diffID) }
}

extension LayerRecord.Source {
    /// The layer file of `image`, which has `attributes`.
    init(_ image: V1Image, _ attributes: ObjectAttributes) {
        self.init(
            byteCount: attributes.byteCount,
            modified: attributes.modified,
            json: Digest(.sha256, of: image.json).description
        )
    }
}
