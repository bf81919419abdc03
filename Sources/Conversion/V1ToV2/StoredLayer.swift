package import ImageModel
import SystemLibraries

/// A layer as referenced by a manifest, with the digest of its tar.
package struct StoredLayer: Sendable, Hashable {
    /// The media type, digest and size for the manifest.
    package let blob: Descriptor
    /// The digest of the layer's uncompressed tar.
    package let diffID: Digest

    /// Creates a layer from a blob and the digest of its content.
    package init(blob: Descriptor, diffID: Digest) {
        self.blob = blob
        self.diffID = diffID
    }
}

/// The layer of an image that changes no files: an empty tar, compressed like Docker engines do.
///
/// Engines up to 1.9 recognise a history entry without a layer only by this blob.
package enum EmptyLayer {
    /// The bytes: two blocks of zeros, compressed with Go's gzip.
    package static let bytes: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x09, 0x6E, 0x88, 0x00, 0xFF, 0x62, 0x18, 0x05, 0xA3, 0x60, 0x14,
        0x8C, 0x58, 0x00, 0x08, 0x00, 0x00, 0xFF, 0xFF, 0x2E, 0xAF, 0xB5, 0xEF, 0x00, 0x04, 0x00, 0x00,
    ]

    /// Their SHA-256: `sha256:a3ed95ca…`.
    package static let digest = Digest(.sha256, of: bytes)

    /// Zero bytes, compressed. It stands in for a layer file of 0 bytes whose DiffID is that of no content.
    package static let compressedNothing: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00,
    ]
}

/// An image of a v1 chain, with its layer as the manifest will reference it.
package struct V1Layer: Sendable {
    /// The image.
    package let image: V1Image
    /// The layer's blob: media type, digest and size for the manifest.
    package let blob: Descriptor
    /// The digest of the layer's uncompressed tar.
    package let diffID: Digest

    /// Creates a layer from an image and its blob.
    package init(image: V1Image, blob: Descriptor, diffID: Digest) {
        self.image = image
        self.blob = blob
        self.diffID = diffID
    }
}
