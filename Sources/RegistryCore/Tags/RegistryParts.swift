import Logging
package import Storage

/// The basic parts of a registry, built once and shared by the others.
package struct RegistryParts: Sendable {
    /// The storage of the registry.
    package let storage: any ObjectStorage
    /// The v1 tree, as docker-registry wrote it.
    package let tree: V1Tree
    /// The v2 blobs.
    package let blobs: Blobs
    /// Joins the tags of both layouts.
    package let joiner: TagJoiner
    /// Publishes every durable change.
    package let events = RegistryEvents()
    /// The repositories' locks, shared by all writers.
    let repositoryLocks = RepositoryLocks()
    let manifests: Manifests
    /// The v2 tags.
    let tags: TagLinks
    let origins: ManifestOrigins
    let pushers: ImagePushers

    /// The parts of a registry in `storage`, with default settings.
    package init(storage: any ObjectStorage) { self.init(storage: storage, indexes: .all, logger: nil) }

    /// - Parameters:
    ///   - indexes: Which manifests of an index must exist before the index is accepted.
    ///   - logger: Logs damaged blobs; nil disables logging.
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
