import Logging
package import Storage

/// The parts that the rest of the registry is made of. They are built once, and handed on.
package struct RegistryParts: Sendable {
    /// Where everything is stored.
    package let storage: any ObjectStorage
    /// The v1 tree, as docker-registry wrote it.
    package let tree: V1Tree
    /// The blobs of v2.
    package let blobs: Blobs
    /// The tags of both layouts, joined.
    package let joiner: TagJoiner
    /// Where changes are published.
    package let events = RegistryEvents()
    let manifests: Manifests
    /// The tags of v2.
    let tags: TagLinks
    let origins: ManifestOrigins
    let pushers: ImagePushers

    /// The parts of a registry in `storage`, without its settings.
    package init(storage: any ObjectStorage) { self.init(storage: storage, indexes: .all, logger: nil) }

    /// - Parameters:
    ///   - indexes: What a pushed index may lack.
    ///   - logger: Where damaged blobs are reported; nil for nowhere.
    init(storage: any ObjectStorage, indexes: IndexCompleteness, logger: Logger?) {
        let links = Links(storage: storage)
        self.storage = storage
        tree = V1Tree(storage: storage)
        blobs = Blobs(links: links, logger: logger)
        manifests = Manifests(blobs: blobs, links: links, indexes: indexes)
        tags = TagLinks(links: links)
        origins = ManifestOrigins(storage: storage)
        pushers = ImagePushers(storage: storage)
        let agreement = TagAgreement(tree: tree, blobs: blobs, manifests: manifests)
        joiner = TagJoiner(tree: tree, links: tags, origins: origins, agreement: agreement)
    }
}
