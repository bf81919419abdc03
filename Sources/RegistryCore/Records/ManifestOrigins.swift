import ImageModel
import NIOCore
import Storage

/// Records the v1 image each manifest was converted from: an image pushed through v1 keeps its id, wherever it is
/// tagged.
struct ManifestOrigins: Sendable {
    let storage: any ObjectStorage

    /// The image a manifest was converted from, if recorded.
    func image(of manifest: Digest) async throws -> V1ImageID? {
        guard let bytes = try await storage.readNote(OwnLayout.origin(of: manifest), limit: 64) else { return nil }
        // Not an id: the record is damaged, treat it as missing.
        return try? V1ImageID(parsing: String(buffer: bytes))
    }

    /// Adds to `batch` the record of the image a manifest was converted from. An existing record stays: several images
    /// may convert to the same manifest.
    func note(_ image: V1ImageID, of manifest: Digest, _ batch: inout WriteBatch) async throws {
        guard try await self.image(of: manifest) == nil else { return }
        batch.put(ByteBuffer(string: image.description), at: OwnLayout.origin(of: manifest), as: .cache)
    }
}
