import ImageModel
import NIOCore
import Storage
import SystemLibraries

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

/// Someone who pushes v1 images and may not read everything: what the core must know of them.
package struct ImagePusher: Sendable {
    /// Who it is; empty for someone who is not logged in.
    package let user: String
    /// Whether they may read a repository, as v1 calls it.
    package let isReadable: @Sendable (V1RepositoryName) -> Bool

    package init(user: String, isReadable: @escaping @Sendable (V1RepositoryName) -> Bool) {
        self.user = user
        self.isReadable = isReadable
    }

    /// What they are called in the names of files.
    var key: String { Digest(.sha256, of: Array(user.utf8)).hex }
}

/// Where what is pushed of an image that is not complete is kept: for everyone who may not read everything apart, so that
/// nobody's push ends with what somebody else has brought.
struct PushPlace: Hashable, Sendable {
    let image: V1ImageID
    /// Who pushes there, by ``ImagePusher/key``; nil for all who may read everything.
    let pusher: String?

    init(_ image: V1ImageID, _ pusher: ImagePusher?) {
        self.image = image
        self.pusher = pusher?.key
    }
}
