import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Makes layers legible for engines that know gzip and little else, once for each.
struct Transcoding: Sendable {
    let storage: any ObjectStorage
    let blobs: Blobs

    /// The blob itself, or the gzip that one in zstd was recompressed to.
    ///
    /// - Throws: ``UnreadableLayer`` for what begins as zstd and is none.
    func legible(_ digest: Digest, _ reader: any ObjectReader) async throws -> Digest {
        guard try await reader.detectCompression() == .zstd else { return digest }
        if let known = try await known(digest), try await blobs.contains(known) { return known }
        let blob: Descriptor
        do {
            blob = try await Recompression(storage: storage, blobs: blobs).run(reader, .zstd)
        } catch let error as DecompressionError {
            throw UnreadableLayer(digest: digest, reason: "\(error)")
        }
        try await storage.write(ByteBuffer(string: blob.digest.description), to: OwnLayout.recompressed(digest))
        return blob.digest
    }

    /// What a blob was recompressed to, so far as it was noted.
    func known(_ digest: Digest) async throws -> Digest? {
        guard let bytes = try await storage.read(OwnLayout.recompressed(digest), limit: 256) else { return nil }
        // What is no digest was tampered with, and is as good as nothing.
        return try? Digest(parsing: String(buffer: bytes))
    }
}
