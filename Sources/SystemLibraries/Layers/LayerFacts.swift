package import ImageModel

/// Facts about the stored bytes of a layer, valid or not.
package struct StoredBytesFacts: Sendable, Equatable {
    /// The SHA-256 of the bytes.
    package let digest: Digest
    /// The number of bytes.
    package let byteCount: Int64
    /// The SHA-256 of the v1 image JSON, a newline and the bytes, which docker-registry stores as `_checksum`. Nil if
    /// the JSON was not given.
    package let payloadChecksum: Digest?
}

/// Facts about a layer found to be complete.
package struct LayerFacts: Sendable, Equatable {
    /// The SHA-256 of the stored bytes: the blob's digest.
    package let digest: Digest
    /// The number of stored bytes.
    package let byteCount: Int64
    /// The SHA-256 of the tar, including everything after its end.
    package let diffID: Digest
    /// The size of the tar in bytes, including everything after its end.
    package let uncompressedByteCount: Int64
    /// The compression of the tar.
    package let compression: Compression
    /// The SHA-256 of the v1 image JSON, a newline and the stored bytes. Nil if the JSON was not given.
    package let payloadChecksum: Digest?
    /// Whether the tar has an end marker: without it, missing files cannot be ruled out.
    package let hasTarEnd: Bool

    /// Creates the facts of a layer from a scan or a saved record.
    package init(
        digest: Digest,
        byteCount: Int64,
        diffID: Digest,
        uncompressedByteCount: Int64,
        compression: Compression,
        payloadChecksum: Digest?,
        hasTarEnd: Bool
    ) {
        self.digest = digest
        self.byteCount = byteCount
        self.diffID = diffID
        self.uncompressedByteCount = uncompressedByteCount
        self.compression = compression
        self.payloadChecksum = payloadChecksum
        self.hasTarEnd = hasTarEnd
    }
}
