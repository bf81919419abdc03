import ImageModel
import NIOCore
import Storage

/// Which v1 image each manifest was converted from: an image that came by v1 keeps its own id, wherever it is tagged.
struct ManifestOrigins: Sendable {
    let storage: any ObjectStorage

    /// The image that a manifest was converted from, so far as it was noted.
    func image(of manifest: Digest) async throws -> V1ImageID? {
        guard let bytes = try await storage.readNote(OwnLayout.origin(of: manifest), limit: 64) else { return nil }
        // What is no id was tampered with, and is as good as nothing.
        return try? V1ImageID(parsing: String(buffer: bytes))
    }

    /// Adds to `batch` the note of the image that a manifest was converted from. The first one stays: several may
    /// convert to one manifest.
    func note(_ image: V1ImageID, of manifest: Digest, _ batch: inout WriteBatch) async throws {
        guard try await self.image(of: manifest) == nil else { return }
        batch.put(ByteBuffer(string: image.description), at: OwnLayout.origin(of: manifest), as: .cache)
    }
}
