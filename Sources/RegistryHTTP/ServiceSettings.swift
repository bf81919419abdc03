/// What the operator chose of how both protocols are answered. The defaults are those of registry:2.
package struct ServiceSettings: Sendable {
    /// Whether clients may delete manifests, tags and blobs: `storage.delete.enabled`.
    package var allowsDeletes = false
    /// Whether v1 clients may delete repositories and tags: see ``allowsLegacyDeletes(chosen:deletes:overV1Tree:)``.
    package var allowsLegacyDeletes = true
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

    /// Whether v1 clients may delete.
    ///
    /// - Parameters:
    ///   - chosen: What the operator says of v1 alone: `legacy.delete`; nil for nothing.
    ///   - deletes: What the operator says of deletes: `storage.delete.enabled`; nil for nothing. A false binds v1 too.
    ///   - hasV1Tree: Whether the directory has `repositories/`: docker-registry, which wrote it, let everyone delete.
    package static func allowsLegacyDeletes(chosen: Bool?, deletes: Bool?, overV1Tree hasV1Tree: Bool) -> Bool {
        if deletes == false { return false }
        return chosen ?? (hasV1Tree || deletes == true)
    }
}
