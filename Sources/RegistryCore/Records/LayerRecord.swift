package import ImageModel
import Storage
import SystemLibraries

/// Facts about a v1 image's layer after it was read: the content of `longshore/images/ab/ID`.
///
/// A cache: it is only valid for the layer file described by `source`.
package struct LayerRecord: Codable, Hashable, Sendable {
    /// The layer file that was read.
    package struct Source: Codable, Hashable, Sendable {
        /// Its size in bytes.
        package let byteCount: Int64
        /// When it was last modified, in nanoseconds since 1970.
        package let modified: Int64
        /// The digest of the image's JSON, which the stored checksum covers too.
        package let json: String
    }

    /// The layer file this record describes.
    package let source: Source
    /// The sha256 of the stored layer.
    package let digest: String
    /// The sha256 of its tar.
    package let diffID: String
    /// The compression of the layer.
    package let compression: String
    /// The blob that manifests reference: the layer itself, or the gzip it was recompressed to.
    package let blob: String
    /// The size of that blob.
    package let blobByteCount: Int64
    /// Whether the layer matched the stored checksum.
    package let hasVerifiedChecksum: Bool
    /// Whether the stored tarsum was checked and differs; nil otherwise.
    package var hasDifferentTarsum: Bool?
}

extension LayerRecord {
    /// Creates a record from a scan of `image`'s layer, stored in the file with `attributes`.
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

    /// The descriptor of the layer for manifests; nil for a damaged record.
    package var descriptor: Descriptor? {
        guard let digest = try? Digest(parsing: blob) else { return nil }
        let isPlain = compression == Compression.none.rawValue
        return Descriptor(
            mediaType: isPlain ? .dockerLayerTar : .dockerLayerGzip,
            digest: digest,
            size: blobByteCount
        )
    }

    /// The DiffID; nil for a damaged record.
    package var parsedDiffID: Digest? { try? Digest(parsing: diffID) }
}

extension LayerRecord.Source {
    /// Describes the layer file of `image`, which has `attributes`.
    init(_ image: V1Image, _ attributes: ObjectAttributes) {
        self.init(
            byteCount: attributes.byteCount,
            modified: attributes.modified,
            json: Digest(.sha256, of: image.json).description
        )
    }

    /// Whether this is the layer file with these attributes.
    func describes(_ file: ObjectAttributes) -> Bool { byteCount == file.byteCount && modified == file.modified }
}
