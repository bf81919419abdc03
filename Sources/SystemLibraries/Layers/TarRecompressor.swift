package import ImageModel

/// The gzip that a tar becomes while it is read, when no media type names the compression that it came in.
struct TarRecompressor: ~Copyable {
    private var compressor: GzipCompressor
    private var hash = StreamingDigest(.sha256)
    /// What came out and was not taken yet.
    private var pending: [UInt8] = []

    /// - Throws: ``CompressionError/outOfMemory``.
    init() throws(CompressionError) { compressor = try GzipCompressor() }

    mutating func update(_ tar: UnsafeRawBufferPointer) {
        compressor.compress(tar) { pending += $0 }
    }

    mutating func finish() {
        compressor.finish { pending += $0 }
    }

    /// What came out since the last call.
    mutating func take() -> [UInt8] {
        hash.update(pending)
        defer { pending.removeAll(keepingCapacity: true) }
        return pending
    }

    /// The facts of what was taken so far.
    var facts: RecompressedFacts { RecompressedFacts(digest: hash.digest(), byteCount: hash.byteCount) }
}

/// What is known of the gzip that a layer was recompressed to.
package struct RecompressedFacts: Sendable, Equatable {
    /// Its SHA-256.
    package let digest: Digest
    /// How many bytes it has.
    package let byteCount: Int64
}
