package import Conversion
package import ImageModel
package import RegistryCore
package import Storage

/// The destination of a migration: a registry's directory, an image layout or a remote registry.
package protocol MigrationDestination: Sendable {
    /// The storage for the journal, layer records and staged files, in the destination or next to it.
    var workspace: any FileStorage { get }
    /// How blobs that are not linked are transferred: copied or sent.
    var transfer: BlobTransfer { get }

    /// The blobs, for a layer that `firstRepository` is the first to need.
    ///
    /// - Parameter onBytesSent: Called with the byte count of every piece sent over a network.
    func blobs(firstRepository: RepositoryName, onBytesSent: @escaping @Sendable (Int) -> Void) -> any BlobDestination

    /// Whether a blob stored by an earlier run still exists, as far as that is known without a network request.
    func assumesPresent(_ blob: Descriptor) async throws -> Bool

    /// Why the source's files cannot be linked, found by trying with `file`; nil when links work.
    func linkObstacle(of file: LinkSource) async throws -> CopyReason?

    /// What a tag currently points to, or nil when it does not exist.
    func current(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>?

    /// The v1 image and the manifest that the tag was last written from, if the destination records them.
    func record(of tag: Tag, in name: RepositoryName) async throws -> TagRecord?

    /// Publishes an image under a tag of a repository. Its layers are already stored as blobs; this adds the
    /// configuration, the manifest and the tag. All of it is durable on return.
    ///
    /// - Parameters:
    ///   - layers: The layers, each with the repository it was uploaded to.
    ///   - origin: The v1 image it was converted from; nil when it was converted from a manifest.
    func publish(
        _ image: ConvertedImage,
        _ layers: [UploadedLayer],
        from origin: V1ImageID?,
        as tag: Tag,
        in name: RepositoryName
    ) async throws

    /// Removes a published tag whose image turned out to be damaged, unless the tag points to another manifest by now.
    /// A remote registry keeps it: through the API, only all tags of a manifest can be deleted.
    func withdraw(_ tag: Tag, naming manifest: Digest, in name: RepositoryName) async throws

    /// The bytes of a repository's manifest or configuration, as stored there; nil when it does not exist.
    func document(_ digest: Digest, _ kind: StoredDocument, in name: RepositoryName) async throws -> [UInt8]?
}

extension MigrationDestination {
    /// The blobs of a repository, for reading.
    package func blobs(firstRepository: RepositoryName) -> any BlobDestination {
        blobs(firstRepository: firstRepository) { _ in }
    }
}

/// How blobs that are not linked reach a destination.
package enum BlobTransfer: String, Sendable {
    /// Written to a file.
    case copy
    /// Sent over a network.
    case send
}

/// The kind of a small blob.
package enum StoredDocument: Sendable {
    /// A manifest.
    case manifest
    /// The configuration of an image.
    case configuration
}

/// A layer and the repository it was uploaded to.
package struct UploadedLayer: Sendable {
    /// The layer's blob.
    package let blob: Descriptor
    /// The first repository that needs the layer: it was uploaded there.
    package let firstRepository: RepositoryName

    package init(blob: Descriptor, firstRepository: RepositoryName) {
        self.blob = blob
        self.firstRepository = firstRepository
    }
}
