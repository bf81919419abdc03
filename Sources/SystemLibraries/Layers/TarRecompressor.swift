package import ImageModel

/// Recompresses a tar to gzip while it is read, if no media type exists for its original compression.
struct TarRecompressor: ~Copyable {
    private var compressor: GzipCompressor
    private var hash = StreamingDigest(.sha256)
    /// Output that has not been taken yet.
    private var pending: [UInt8] = []

    /// - Throws: ``CompressionError/outOfMemory``.
    init() throws(CompressionError) { compressor = try GzipCompressor() }

    mutating func update(_ tar: UnsafeRawBufferPointer) {
        compressor.compress(tar) { pending += $0 }
    }

    mutating func finish() {
        compressor.finish { pending += $0 }
    }

    /// The output since the last call.
    mutating func take() -> [UInt8] {
        hash.update(pending)
        defer { pending.removeAll(keepingCapacity: true) }
        return pending
    }

    /// The facts of the output taken so far.
    var facts: RecompressedFacts { RecompressedFacts(digest: hash.digest(), byteCount: hash.byteCount) }
}

/// Facts about a layer's recompressed gzip.
package struct RecompressedFacts: Sendable, Equatable {
    /// Its SHA-256.
    package let digest: Digest
    /// Its size in bytes.
    package let byteCount: Int64
}
