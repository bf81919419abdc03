import ImageModel
import SystemLibraries

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
