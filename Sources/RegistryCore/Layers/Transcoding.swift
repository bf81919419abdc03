import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Recompresses layers that only newer engines can read to gzip, once each, however many clients request it.
struct Transcoding: Sendable {
    private let storage: any ObjectStorage
    private let blobs: Blobs
    private let limits: LayerLimits
    private let work = SharedWork<Digest, Digest>(failureLifetime: .seconds(60)) { $0 is UnreadableLayer }

    /// - Parameter limits: Limits on the work for one layer.
    init(storage: any ObjectStorage, blobs: Blobs, limits: LayerLimits) {
        self.storage = storage
        self.blobs = blobs
        self.limits = limits
    }

    /// The blob itself, or the gzip that a zstd blob was recompressed to.
    ///
    /// - Throws: ``UnreadableLayer`` if it begins like zstd but is invalid, or exceeds the limits.
    func gzipVariant(_ digest: Digest, _ reader: any ObjectReader) async throws -> Digest {
        guard try await reader.detectCompression() == .zstd else { return digest }
        return try await gzip(of: digest, reader, .zstd)
    }

    /// The gzip that a blob with another compression was recompressed to.
    ///
    /// - Throws: ``UnreadableLayer``.
    func gzip(of digest: Digest, _ reader: any ObjectReader, _ compression: Compression) async throws -> Digest {
        if let known = try await known(digest), try await blobs.contains(known) { return known }
        return try await work.value(for: digest) { try await recompress(digest, reader, compression) }
    }

    private func recompress(
        _ digest: Digest,
        _ reader: any ObjectReader,
        _ compression: Compression
    ) async throws -> Digest {
        // Another caller may have done the same in the meantime.
        if let known = try await known(digest), try await blobs.contains(known) { return known }
        let blob: Descriptor
        do {
            blob = try await Recompression(storage: storage, blobs: blobs, limits: limits).run(reader, compression)
        } catch let error as DecompressionError {
            throw UnreadableLayer(digest: digest, reason: "\(error)")
        } catch LayerDamage.timeLimit {
            throw UnreadableLayer(digest: digest, reason: "\(LayerDamage.timeLimit)")
        }
        try await storage.write(ByteBuffer(string: blob.digest.description), to: OwnLayout.recompressed(digest))
        return blob.digest
    }

    /// The blob that a layer was recompressed to, if recorded.
    func known(_ digest: Digest) async throws -> Digest? {
        guard let bytes = try await storage.readNote(OwnLayout.recompressed(digest), limit: 256) else { return nil }
        // Not a digest: the record is damaged, treat it as missing.
        return try? Digest(parsing: String(buffer: bytes))
    }
}
