package import ImageModel
import SystemLibraries

/// A layer as a manifest names it, and the tar that is in it.
package struct StoredLayer: Sendable, Hashable {
    /// Media type, digest and size as they are to stand in the manifest.
    package let blob: Descriptor
    /// The digest of the layer's uncompressed tar.
    package let diffID: Digest

    /// Joins a blob with the digest of what it holds.
    package init(blob: Descriptor, diffID: Digest) {
        self.blob = blob
        self.diffID = diffID
    }
}

/// The layer of an image that changes no file: an empty tar, compressed as Docker engines have it.
///
/// Engines up to 1.9 know an entry of a history without a layer by this blob alone.
package enum EmptyLayer {
    /// The bytes: two blocks of zeros, compressed by Go's gzip.
    package static let bytes: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x09, 0x6E, 0x88, 0x00, 0xFF, 0x62, 0x18, 0x05, 0xA3, 0x60, 0x14,
        0x8C, 0x58, 0x00, 0x08, 0x00, 0x00, 0xFF, 0xFF, 0x2E, 0xAF, 0xB5, 0xEF, 0x00, 0x04, 0x00, 0x00,
    ]

    /// Their SHA-256: `sha256:a3ed95ca…`.
    package static let digest = Digest(.sha256, of: bytes)

    /// No bytes at all, compressed: what a layer file of 0 bytes is where its DiffID says that it has none.
    package static let compressedNothing: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00,
    ]
}

/// One image of a v1 chain, with its layer as the manifest shall name it.
package struct V1Layer: Sendable {
    /// The image.
    package let image: V1Image
    /// The layer's blob: media type, digest and size as they are to stand in the manifest.
    package let blob: Descriptor
    /// The digest of the layer's uncompressed tar.
    package let diffID: Digest

    /// Joins an image with its layer.
    package init(image: V1Image, blob: Descriptor, diffID: Digest) {
        self.image = image
        self.blob = blob
        self.diffID = diffID
    }
}
