import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Makes layers legible for engines that know gzip and little else, once for each.
struct Transcoding: Sendable {
    let storage: any ObjectStorage
    let blobs: Blobs

    /// The blob itself, or the gzip that one in zstd was recompressed to.
    func legible(_ digest: Digest, _ reader: any ObjectReader) async throws -> Digest {
        guard try await reader.detectCompression() == .zstd else { return digest }
        let record = OwnLayout.recompressed(digest)
        if let bytes = try await storage.read(record, limit: 256),
            let known = try? Digest(parsing: String(buffer: bytes)),
            try await blobs.contains(known)
        {
            return known
        }
        let blob = try await Recompression(storage: storage, blobs: blobs).run(reader, .zstd)
        try await storage.write(ByteBuffer(string: blob.digest.description), to: record)
        return blob.digest
    }
}
