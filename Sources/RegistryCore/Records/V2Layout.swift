package import ImageModel
package import Storage

/// The layout of registry:2's storage, which Longshore shares.
///
/// ```
/// docker/registry/v2/
///   blobs/sha256/ab/abcd…/data                      the bytes of blobs and manifests
///   repositories/NAME/
///     _layers/sha256/abcd…/link                     the blob belongs to the repository
///     _layers/tarsum/v1/sha256/abcd…/link           the blob that registry 2.0 to 2.2 addressed by a tarsum
///     _manifests/revisions/sha256/abcd…/link        the manifest belongs to the repository
///     _manifests/revisions/sha256/abcd…/signed      a schema1 manifest with its signatures: Longshore only
///     _manifests/tags/TAG/current/link              the manifest the tag points to
///     _manifests/tags/TAG/index/sha256/abcd…/link   a manifest it points to or has pointed to
///     _uploads/UUID/{data,startedat}                an upload in progress
/// ```
/// A link contains a digest without a newline. Observed: distribution 2.8.2.
package enum V2Layout {
    private static let rootPath = "docker/registry/v2"
    /// The prefix of every repository.
    package static let repositories = ObjectKey.root.appending("\(rootPath)/repositories")
    /// The prefix of every blob.
    package static let blobs = ObjectKey.root.appending("\(rootPath)/blobs")

    /// The prefix that marks a repository's own directories, and that no component of a repository name can have.
    package static let reservedPrefix = "_"

    /// The bytes of a blob or manifest.
    package static func blobData(_ digest: Digest) -> ObjectKey {
        blobs.appending("\(digest.algorithm.rawValue)/\(digest.hex.prefix(2))/\(digest.hex)/data")
    }

    /// The directory of a repository.
    package static func repository(_ name: RepositoryName) -> ObjectKey {
        repositories.appending(name.description)
    }

    /// The link that makes a blob belong to a repository.
    package static func layerLink(_ digest: Digest, in name: RepositoryName) -> ObjectKey {
        repository(name).appending("_layers/\(digest.algorithm.rawValue)/\(digest.hex)/link")
    }

    /// The link to the blob that registry 2.0 to 2.2 addressed by a tarsum.
    package static func layerLink(_ tarsum: Tarsum, in name: RepositoryName) -> ObjectKey {
        repository(name).appending("_layers/tarsum/\(tarsum.version)/\(tarsum.algorithm)/\(tarsum.hex)/link")
    }

    /// The manifests and tags of a repository.
    package static func manifests(of name: RepositoryName) -> ObjectKey { repository(name).appending("_manifests") }

    /// The manifests of a repository with digests of one algorithm.
    package static func revisions(of name: RepositoryName, _ algorithm: Digest.Algorithm) -> ObjectKey {
        manifests(of: name).appending("revisions/\(algorithm.rawValue)")
    }

    /// The link that makes a manifest belong to a repository.
    package static func revisionLink(_ digest: Digest, in name: RepositoryName) -> ObjectKey {
        revisions(of: name, digest.algorithm).appending("\(digest.hex)/link")
    }

    /// The signed bytes of a schema1 manifest, whose blob is only the payload.
    package static func signedManifest(_ digest: Digest, in name: RepositoryName) -> ObjectKey {
        revisions(of: name, digest.algorithm).appending("\(digest.hex)/signed")
    }

    /// The tags of a repository.
    package static func tags(of name: RepositoryName) -> ObjectKey { manifests(of: name).appending("tags") }

    /// The directory of a tag.
    package static func tag(_ tag: Tag, in name: RepositoryName) -> ObjectKey {
        tags(of: name).appending(tag.description)
    }

    /// The link to the manifest a tag points to.
    package static func currentLink(_ tag: Tag, in name: RepositoryName) -> ObjectKey {
        self.tag(tag, in: name).appending("current/link")
    }

    /// The record that a tag points to a manifest, or did before.
    package static func indexLink(_ digest: Digest, tag: Tag, in name: RepositoryName) -> ObjectKey {
        self.tag(tag, in: name).appending("index/\(digest.algorithm.rawValue)/\(digest.hex)/link")
    }

    /// The layers of a repository.
    package static func layers(of name: RepositoryName) -> ObjectKey { repository(name).appending("_layers") }

    /// The uploads in progress of a repository.
    package static func uploads(of name: RepositoryName) -> ObjectKey { repository(name).appending("_uploads") }

    /// The directory of an upload.
    package static func upload(_ id: UploadID, in name: RepositoryName) -> ObjectKey {
        repository(name).appending("_uploads/\(id)")
    }

    /// The bytes of an upload so far.
    package static func uploadData(_ id: UploadID, in name: RepositoryName) -> ObjectKey {
        upload(id, in: name).appending("data")
    }

    /// The start time of an upload.
    package static func uploadStart(_ id: UploadID, in name: RepositoryName) -> ObjectKey {
        upload(id, in: name).appending("startedat")
    }
}
