package import ImageModel
package import Storage
import SystemLibraries

/// Longshore's own files. Except for `key.pem`, all of them are caches or hints and can be deleted; what is in
/// `quarantine/` is evidence for the operator.
///
/// ```
/// longshore/
///   format                the version of this layout (``LayoutFormat``)
///   images/ab/ID          facts about a v1 image's layer (``LayerRecord``)
///   tags/NAME/_/T         the v1 id and the manifest a tag was last recorded with (``TagRecord``);
///                         `_` cannot occur in a name, so tag `b` of `a` and repository `a/b` do not collide
///   uploads/UUID          the hash of an upload so far (``UploadHash``)
///   pushes/ID/            the pushed parts of an incomplete v1 image: json/DIGEST, layers/UUID;
///                         json-HASH/DIGEST, layers-HASH/UUID: from a user with restricted read access, whose
///                         latest JSON is in current-HASH; HASH is the hash of the user's name;
///                         open: the number of pushes that have begun and not ended
///   projections/ab/ID     the layer of a v2 image that was written into the v1 tree
///   pushers/ab/ID/HASH    marks that a user has pushed a v1 image completely; HASH is the hash of the user's name
///   origins/ab/DIGEST     the v1 image a manifest was converted from
///   key.pem               the key that signs schema1 manifests: the only file here that is not a cache
///   derived/layers/ab/DIGEST     the gzip blob a layer was recompressed to
///   derived/readings/ab/DIGEST   facts about a layer (``LayerReading``)
///   derived/manifests/NAME/_/DIGEST/data            a derived manifest
///   derived/manifests/NAME/_/DIGEST/sources/HASH    a source it depends on (``DerivedSource``); named by its hash
///   derived/blobs/NAME/_/DIGEST/sources/HASH        the same for a blob of a derived manifest
///   derived/forms/NAME/_/DIGEST/FORM                the manifest that a stored one was converted to in another form
///   gc/edges/1/HASH       the references of manifests, for later collections (``StoredEdges``); named by its hash
///   gc/started, gc/clock  written to learn the storage's time
///   gc/intents/ID, gc/condemned/EPOCH/N, gc/verdict/EPOCH/DIGEST
///                         the ledger of writers and collectors that share the storage (``BucketLedger``); needed while
///                         one of them runs
///   lease/collection      the lease of the collector
///   damaged/DIGEST        a blob whose file was found to have wrong bytes
///   quarantine/KEY/TIME   a file with wrong bytes that `verify --repair` moved here from KEY; never read again
///   scrub/PART            how far the verification in the background has come
///   clients/PROTOCOL      who uses which repository through the protocol (`ClientUses`)
///   clients/pushes        who set which tag (`TagPushes`)
///   events/ENDPOINT/TIME-N       a notification that its receiver does not have yet (`NotificationQueue`)
///   unfinished/NAME/_/T   a v1 tag that was set before its image was converted (``UnfinishedPush``)
///   empty-at-first        marks that the directory was empty when Longshore first used it (``DirectoryHistory``)
///   health                written and removed to see whether that is possible
///   staging/              bytes whose digest is not known yet
/// ```
package enum OwnLayout {
    /// The prefix of all of Longshore's own files.
    package static let root = ObjectKey.root.appending("longshore")

    /// Written and removed by the health check.
    package static let healthProbe = root.appending("health")

    /// The version of this layout.
    static let format = root.appending("format")

    /// The facts about an image's layer.
    package static func layerRecord(_ id: V1ImageID) -> ObjectKey {
        root.appending("images/\(id.description.prefix(2))/\(id)")
    }

    /// The record of a tag.
    package static func tagRecord(_ tag: Tag, in name: RepositoryName) -> ObjectKey {
        root.appending("tags/\(name)/_/\(tag)")
    }

    /// The prefix of the records of a repository's tags.
    static func tagRecords(of name: RepositoryName) -> ObjectKey { root.appending("tags/\(name)/_") }

    /// The hash of an upload so far.
    package static func uploadHash(_ id: UploadID) -> ObjectKey { root.appending("uploads/\(id)") }

    /// The prefix of the pushed parts of incomplete v1 images.
    package static let pushes = root.appending("pushes")

    /// The pushed parts of one incomplete image.
    static func push(_ id: V1ImageID) -> ObjectKey { pushes.appending(id.description) }

    /// The number of open pushes of an image, where it cannot be seen from the image itself.
    static func openPushes(of id: V1ImageID) -> ObjectKey { push(id).appending("open") }

    /// The JSON with which a user with restricted read access last began an image.
    static func currentJSON(at place: PushPlace) -> ObjectKey { part("current", of: place) }

    /// The JSON documents pushed for an image.
    static func pushedJSONs(at place: PushPlace) -> ObjectKey { part("json", of: place) }

    /// One of the JSON documents pushed for an image.
    static func pushedJSON(_ digest: Digest, at place: PushPlace) -> ObjectKey {
        pushedJSONs(at: place).appending(digest.hex)
    }

    /// The layers pushed for an image, complete or not.
    static func pushedLayers(at place: PushPlace) -> ObjectKey { part("layers", of: place) }

    private static func part(_ name: String, of place: PushPlace) -> ObjectKey {
        push(place.image).appending(place.pusher.map { "\(name)-\($0)" } ?? name)
    }

    /// The mark that a user has pushed an image.
    static func pusher(_ pusher: ImagePusher, of id: V1ImageID) -> ObjectKey {
        root.appending("pushers/\(id.description.prefix(2))/\(id)/\(pusher.key)")
    }

    /// The v1 image a manifest was converted from.
    static func origin(of manifest: Digest) -> ObjectKey {
        root.appending("origins/\(manifest.hex.prefix(2))/\(manifest.hex)")
    }

    /// The record of a v2 image written into the v1 tree: the digest of its layer.
    static func storedProjection(_ id: V1ImageID) -> ObjectKey {
        root.appending("projections/\(id.description.prefix(2))/\(id)")
    }

    /// The gzip blob a layer was recompressed to.
    static func recompressed(_ layer: Digest) -> ObjectKey {
        root.appending("derived/layers/\(layer.hex.prefix(2))/\(layer.hex)")
    }

    /// The record of the clients of a protocol.
    static func clients(of interface: EventActor.Interface) -> ObjectKey {
        root.appending("clients/\(interface.rawValue)")
    }

    /// The record of who set which tag.
    static let tagPushes = root.appending("clients/pushes")

    /// The prefix of the notifications of all receivers.
    package static let notifications = root.appending("events")

    /// The notifications that a receiver does not have yet, by its name, which must not be empty or over 80 bytes long.
    package static func notifications(for endpoint: String) -> ObjectKey {
        notifications.appending(PathQuoting.quoted(endpoint))
    }

    /// The record that a tag was set while its image was still being converted.
    static func unfinishedPush(_ tag: Tag, in name: RepositoryName) -> ObjectKey {
        unfinishedPushes(in: name).appending(tag.description)
    }

    /// The prefix of such records of a repository's tags.
    static func unfinishedPushes(in name: RepositoryName) -> ObjectKey { root.appending("unfinished/\(name)/_") }

    /// The mark that the directory was empty when Longshore first used it.
    static let emptyAtFirst = root.appending("empty-at-first")

    /// The key that signs schema1 manifests.
    static let signingKey = root.appending("key.pem")

    /// The facts about a blob that is a layer.
    static func reading(of layer: Digest) -> ObjectKey {
        root.appending("derived/readings/\(layer.hex.prefix(2))/\(layer.hex)")
    }

    /// The sources of a blob of a derived manifest.
    static func derivedBlob(_ digest: Digest, in name: RepositoryName) -> ObjectKey {
        root.appending("derived/blobs/\(name)/_/\(digest.hex)")
    }

    /// A derived manifest and its sources.
    static func derivedManifest(_ digest: Digest, in name: RepositoryName) -> ObjectKey {
        root.appending("derived/manifests/\(name)/_/\(digest.hex)")
    }

    /// The manifest that a stored one was converted to in another form.
    static func derived(_ form: DerivedForm, of source: Digest, in name: RepositoryName) -> ObjectKey {
        root.appending("derived/forms/\(name)/_/\(source.hex)/\(form.path(in: name))")
    }

    /// The prefix of the records of damaged blobs.
    static let damagedBlobs = root.appending("damaged")

    /// The record that a blob's file has wrong bytes.
    static func damagedBlob(_ digest: Digest) -> ObjectKey { damagedBlobs.appending(digest.hex) }

    /// The prefix of damaged files that were set aside.
    static let quarantine = root.appending("quarantine")

    /// Whether a key is that of a damaged file that was set aside.
    static func isQuarantined(_ key: ObjectKey) -> Bool {
        key.description.hasPrefix(quarantine.description + "/")
    }

    /// The prefix of bytes whose digest is not known yet.
    package static let staging = root.appending("staging")
}

extension StagingPurpose {
    /// Bytes that do not outlive the process.
    ///
    /// - Parameter isPromoted: Whether they will become an object.
    package static func scratch(isPromoted: Bool) -> StagingPurpose {
        .temporary(OwnLayout.staging.appending("\(UploadID())"), isPromoted: isPromoted)
    }
}
