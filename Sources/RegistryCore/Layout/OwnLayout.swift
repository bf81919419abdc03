package import ImageModel
package import Storage

/// What is ours alone. All of it is a cache or a hint and can be deleted.
///
/// ```
/// longshore/
///   images/ab/ID          what is known of a v1 image's layer (``LayerRecord``)
///   tags/NAME/_/T         the v1 id and the manifest that a tag was last joined as (``TagRecord``);
///                         `_` is no part of a name, so that tag `b` of `a` and repository `a/b` do not meet
///   uploads/UUID          the hash of what an upload has (``UploadHash``)
///   staging/              bytes whose digest is not known yet
/// ```
package enum OwnLayout {
    /// The prefix of all that is ours.
    package static let root = ObjectKey.root.appending("longshore")

    package static func layerRecord(_ id: V1ImageID) -> ObjectKey {
        root.appending("images/\(id.description.prefix(2))/\(id)")
    }

    package static func tagRecord(_ tag: Tag, in name: RepositoryName) -> ObjectKey {
        root.appending("tags/\(name)/_/\(tag)")
    }

    package static func uploadHash(_ id: UploadID) -> ObjectKey { root.appending("uploads/\(id)") }

    /// The prefix of bytes whose digest is not known yet.
    package static let staging = root.appending("staging")
}
