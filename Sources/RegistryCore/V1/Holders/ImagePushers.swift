import ImageModel
import NIOCore
import Storage

/// Who has pushed which v1 images: whoever has may name them, before any repository holds them.
///
/// On disk, since a push may go on after the server was started anew. Lost, it costs a client that is in the middle of a push
/// another one.
struct ImagePushers: Sendable {
    let storage: any ObjectStorage

    /// Notes that somebody has pushed an image whole, or has shown to have it.
    func note(_ pusher: ImagePusher, of id: V1ImageID) async throws {
        try await storage.write(ByteBuffer(), to: OwnLayout.pusher(pusher, of: id))
    }

    /// Adds to `batch` that somebody has pushed an image whole.
    func note(_ pusher: ImagePusher, of id: V1ImageID, _ batch: inout WriteBatch) {
        batch.put(ByteBuffer(), at: OwnLayout.pusher(pusher, of: id))
    }

    /// Whether somebody has pushed an image.
    func contains(_ pusher: ImagePusher, of id: V1ImageID) async throws -> Bool {
        try await storage.attributes(of: OwnLayout.pusher(pusher, of: id)) != nil
    }
}
