package import ImageModel
package import Storage
import SystemLibraries

/// What is ours alone. All of it is a cache or a hint and can be deleted.
///
/// ```
/// longshore/
///   format                the version of all this (``LayoutFormat``)
///   images/ab/ID          what is known of a v1 image's layer (``LayerRecord``)
///   tags/NAME/_/T         the v1 id and the manifest that a tag was last joined as (``TagRecord``);
///                         `_` is no part of a name, so that tag `b` of `a` and repository `a/b` do not meet
///   uploads/UUID          the hash of what an upload has (``UploadHash``)
///   pushes/ID/            what was pushed of a v1 image that is not complete: json/DIGEST, layers/UUID;
///                         json-HASH/DIGEST, layers-HASH/UUID: by somebody who may not read everything, who
///                         began it with current-HASH; named by the hash of the user's name;
///                         open: how many pushes of it have begun and not ended
///   projections/ab/ID     the layer of an image of v2 that was written into the v1 tree
///   pushers/ab/ID/HASH    that somebody has pushed a v1 image whole; named by the hash of the user's name
///   origins/ab/DIGEST     the v1 image that a manifest was converted from
///   key.pem               what schema1 manifests are signed with: the one thing here that is no cache
///   derived/layers/ab/DIGEST     the gzip blob that a layer was recompressed to
///   derived/readings/ab/DIGEST   what was found in a layer (``LayerReading``)
///   derived/manifests/NAME/_/DIGEST/data            a derived manifest
///   derived/manifests/NAME/_/DIGEST/sources/HASH    what it follows (``DerivedSource``); named by its hash
///   derived/blobs/NAME/_/DIGEST/sources/HASH        the same of a blob that a derived manifest names
///   derived/forms/NAME/_/DIGEST/FORM                which manifest a stored one is in another form
///   damaged/DIGEST        a blob whose file was found not to have its bytes
///   empty-at-first        that the directory was empty when Longshore was first started on it (``DirectoryHistory``)
///   staging/              bytes whose digest is not known yet
/// ```
package enum OwnLayout {
    /// The prefix of all that is ours.
    package static let root = ObjectKey.root.appending("longshore")

    /// The version of what stands here.
    static let format = root.appending("format")

    /// What is known of an image's layer.
    package static func layerRecord(_ id: V1ImageID) -> ObjectKey {
        root.appending("images/\(id.description.prefix(2))/\(id)")
    }

    /// What a tag was last joined as.
    package static func tagRecord(_ tag: Tag, in name: RepositoryName) -> ObjectKey {
        root.appending("tags/\(name)/_/\(tag)")
    }

    /// The hash of what an upload has.
    package static func uploadHash(_ id: UploadID) -> ObjectKey { root.appending("uploads/\(id)") }

    /// The prefix of what was pushed of v1 images that are not complete.
    package static let pushes = root.appending("pushes")

    /// What was pushed of one image that is not complete.
    static func push(_ id: V1ImageID) -> ObjectKey { pushes.appending(id.description) }

    /// How many pushes of one image have begun and not ended, where that is not plain from the image.
    static func openPushes(of id: V1ImageID) -> ObjectKey { push(id).appending("open") }

    /// The JSON with which somebody who may not read everything began an image last.
    static func currentJSON(at place: PushPlace) -> ObjectKey { part("current", of: place) }

    /// The JSONs that were pushed for an image.
    static func pushedJSONs(at place: PushPlace) -> ObjectKey { part("json", of: place) }

    /// One of the JSONs that were pushed for an image.
    static func pushedJSON(_ digest: Digest, at place: PushPlace) -> ObjectKey {
        pushedJSONs(at: place).appending(digest.hex)
    }

    /// The layers that were pushed for an image, whole or not.
    static func pushedLayers(at place: PushPlace) -> ObjectKey { part("layers", of: place) }

    private static func part(_ name: String, of place: PushPlace) -> ObjectKey {
        push(place.image).appending(place.pusher.map { "\(name)-\($0)" } ?? name)
    }

    /// That somebody has pushed an image.
    static func pusher(_ pusher: ImagePusher, of id: V1ImageID) -> ObjectKey {
        root.appending("pushers/\(id.description.prefix(2))/\(id)/\(pusher.key)")
    }

    /// Which v1 image a manifest was converted from.
    static func origin(of manifest: Digest) -> ObjectKey {
        root.appending("origins/\(manifest.hex.prefix(2))/\(manifest.hex)")
    }

    /// Which projection was written into the v1 tree as an image: the digest of its layer.
    static func storedProjection(_ id: V1ImageID) -> ObjectKey {
        root.appending("projections/\(id.description.prefix(2))/\(id)")
    }

    /// The gzip blob that a layer was recompressed to.
    static func recompressed(_ layer: Digest) -> ObjectKey {
        root.appending("derived/layers/\(layer.hex.prefix(2))/\(layer.hex)")
    }

    /// That the directory was empty when Longshore was first started on it.
    static let emptyAtFirst = root.appending("empty-at-first")

    /// The key that schema1 manifests are signed with.
    static let signingKey = root.appending("key.pem")

    /// What was found in a blob that is a layer.
    static func reading(of layer: Digest) -> ObjectKey {
        root.appending("derived/readings/\(layer.hex.prefix(2))/\(layer.hex)")
    }

    /// What a blob of a derived manifest follows.
    static func derivedBlob(_ digest: Digest, in name: RepositoryName) -> ObjectKey {
        root.appending("derived/blobs/\(name)/_/\(digest.hex)")
    }

    /// A derived manifest and what it follows.
    static func derivedManifest(_ digest: Digest, in name: RepositoryName) -> ObjectKey {
        root.appending("derived/manifests/\(name)/_/\(digest.hex)")
    }

    /// Which manifest a stored one is in another form.
    static func derived(_ form: DerivedForm, of source: Digest, in name: RepositoryName) -> ObjectKey {
        root.appending("derived/forms/\(name)/_/\(source.hex)/\(form.path(in: name))")
    }

    /// The prefix of what is noted of blobs that are damaged.
    static let damagedBlobs = root.appending("damaged")

    /// That the file of a blob does not have its bytes.
    static func damagedBlob(_ digest: Digest) -> ObjectKey { damagedBlobs.appending(digest.hex) }

    /// The prefix of bytes whose digest is not known yet.
    package static let staging = root.appending("staging")
}

extension StagingPurpose {
    /// Bytes that are gone with the process.
    ///
    /// - Parameter isPromoted: Whether they are to become an object.
    package static func scratch(isPromoted: Bool) -> StagingPurpose {
        .temporary(OwnLayout.staging.appending("\(UploadID())"), isPromoted: isPromoted)
    }
}
