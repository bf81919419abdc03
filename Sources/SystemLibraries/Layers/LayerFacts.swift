package import ImageModel

/// What is known of the bytes of a layer as they are stored, whatever they are.
package struct StoredBytesFacts: Sendable, Equatable {
    /// The SHA-256 of the bytes.
    package let digest: Digest
    /// How many there are.
    package let byteCount: Int64
    /// The SHA-256 of the v1 image JSON, a newline and the bytes: what docker-registry keeps as `_checksum`.
    /// Nil when the JSON was not given.
    package let payloadChecksum: Digest?
}

/// What is known of a layer that was found whole.
package struct LayerFacts: Sendable, Equatable {
    /// The SHA-256 of the bytes as stored: the digest of the blob.
    package let digest: Digest
    /// How many bytes are stored.
    package let byteCount: Int64
    /// The SHA-256 of the tar, all that follows its end included.
    package let diffID: Digest
    /// How many bytes the tar has, all that follows its end included.
    package let uncompressedByteCount: Int64
    /// How the tar is compressed.
    package let compression: Compression
    /// The SHA-256 of the v1 image JSON, a newline and the bytes as stored. Nil when the JSON was not given.
    package let payloadChecksum: Digest?
    /// Whether the tar has its end: without it nothing in a tar tells that no file is missing.
    package let hasTarEnd: Bool

    /// States the facts of a layer, as a scan found them or a record of one has kept them.
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
