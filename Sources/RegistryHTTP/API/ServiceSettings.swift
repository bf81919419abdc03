/// What the operator chose of how both protocols are answered. The defaults are those of registry:2.
package struct ServiceSettings: Sendable {
    /// Whether clients may delete manifests, tags and blobs: `storage.delete.enabled`.
    package var allowsDeletes = false
    /// Whether v1 clients may delete repositories and tags: `legacy.delete`.
    package var v1Deletes = V1DeletePolicy.allowed
    /// Whether a blob that any repository has can be mounted by a client that does not say from which:
    /// `mounts.anonymous`.
    package var allowsAnonymousMounts = true
    /// The most names in a page of the catalogue: `catalog.maxentries`.
    package var catalogueLimit = 1000
    /// The most descriptors in a page of referrers.
    package var referrerLimit = 500
    /// How clients are told where things are.
    package var locations = LocationPolicy()

    package init() {}
}
