import Conversion
import ImageModel
import SystemLibraries

/// The facts about a blob that is a layer: the content of `longshore/derived/readings/ab/DIGEST`.
///
/// A cache: reading the blob again gives the same result.
struct LayerReading: Codable, Sendable {
    /// The digest of the tar.
    let diffID: String
    /// The compression of the blob.
    let compression: String
    /// The blob for manifests with media types: the layer itself, or the gzip it was recompressed to.
    let blob: String
    /// The size of that blob.
    let byteCount: Int64

    init(_ facts: LayerFacts, blob: Descriptor) {
        diffID = facts.diffID.description
        compression = facts.compression.rawValue
        self.blob = blob.digest.description
        byteCount = blob.size
    }

    /// The layer as referenced by a manifest; nil for a damaged record.
    var layer: StoredLayer? {
        guard let digest = try? Digest(parsing: blob), let diffID = try? Digest(parsing: diffID) else { return nil }
        let type: MediaType = compression == Compression.none.rawValue ? .dockerLayerTar : .dockerLayerGzip
        return StoredLayer(blob: Descriptor(mediaType: type, digest: digest, size: byteCount), diffID: diffID)
    }
}
