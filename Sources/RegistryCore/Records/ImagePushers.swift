import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Records which users have pushed which v1 images: they may refer to an image before any repository contains it.
///
/// Kept on disk because a push may continue after a server restart. If it is lost, a client in the middle of a push has
/// to push again.
struct ImagePushers: Sendable {
    let storage: any ObjectStorage

    /// Records that a user has pushed an image completely, or has proven possession of it.
    func note(_ pusher: ImagePusher, of id: V1ImageID) async throws {
        try await storage.write(ByteBuffer(), to: OwnLayout.pusher(pusher, of: id))
    }

    /// Adds to `batch` the record that a user has pushed an image completely.
    func note(_ pusher: ImagePusher, of id: V1ImageID, _ batch: inout WriteBatch) {
        batch.put(ByteBuffer(), at: OwnLayout.pusher(pusher, of: id))
    }

    /// Whether a user has pushed an image.
    func contains(_ pusher: ImagePusher, of id: V1ImageID) async throws -> Bool {
        try await storage.attributes(of: OwnLayout.pusher(pusher, of: id)) != nil
    }
}

/// A user with restricted read access who pushes v1 images.
package struct ImagePusher: Sendable {
    /// The user's name; empty if anonymous.
    package let user: String
    /// Whether the user may read a repository, by its v1 name.
    package let isReadable: @Sendable (V1RepositoryName) -> Bool

    package init(user: String, isReadable: @escaping @Sendable (V1RepositoryName) -> Bool) {
        self.user = user
        self.isReadable = isReadable
    }

    /// The key that stands for the user in file names.
    var key: String { Digest(.sha256, of: Array(user.utf8)).hex }
}

/// Where the pushed parts of an incomplete image are kept: separately for each user with restricted read access, so
/// that no push is completed with another user's content.
struct PushPlace: Hashable, Sendable {
    let image: V1ImageID
    /// The pusher, by ``ImagePusher/key``; nil for all users with unrestricted read access.
    let pusher: String?

    init(_ image: V1ImageID, _ pusher: ImagePusher?) {
        self.image = image
        self.pusher = pusher?.key
    }
}
