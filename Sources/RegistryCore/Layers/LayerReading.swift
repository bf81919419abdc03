import Conversion
import ImageModel
import SystemLibraries

/// What was found in a blob that is a layer: the content of `longshore/derived/readings/ab/DIGEST`.
///
/// It is a cache: reading the blob again finds the same.
struct LayerReading: Codable, Sendable {
    /// The digest of the tar.
    let diffID: String
    /// How the blob is compressed.
    let compression: String
    /// The blob that manifests with media types name: the layer itself, or the gzip that it was recompressed to.
    let blob: String
    /// The size of that blob.
    let byteCount: Int64

    init(_ facts: LayerFacts, blob: Descriptor) {
        diffID = facts.diffID.description
        compression = facts.compression.rawValue
        self.blob = blob.digest.description
        byteCount = blob.size
    }

    /// The layer as a manifest names it; nil for a record that was tampered with.
    var layer: StoredLayer? {
        guard let digest = try? Digest(parsing: blob), let diffID = try? Digest(parsing: diffID) else { return nil }
        let type: MediaType = compression == Compression.none.rawValue ? .dockerLayerTar : .dockerLayerGzip
        return StoredLayer(blob: Descriptor(mediaType: type, digest: digest, size: byteCount), diffID: diffID)
    }
}
