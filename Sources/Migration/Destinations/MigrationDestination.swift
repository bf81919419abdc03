package import Conversion
package import ImageModel
package import RegistryCore
package import Storage

/// Where a migration puts images: a registry's directory, an image layout, a registry that is served elsewhere.
package protocol MigrationDestination: Sendable {
    /// Where the journal, the records of layers and what is staged are kept: in the destination, or beside it.
    var workspace: any FileStorage { get }
    /// What is done with blobs that do not become links: `copy`, `send`.
    var transfer: BlobTransfer { get }

    /// The blobs, for a layer that the repository `firstRepository` is the first to need.
    ///
    /// - Parameter onBytesSent: Told of every stretch of bytes that goes through a network.
    func blobs(firstRepository: RepositoryName, onBytesSent: @escaping @Sendable (Int) -> Void) -> any BlobDestination

    /// Whether a blob that an earlier run has put there is there still, so far as can be told without asking far away.
    func assumesPresent(_ blob: Descriptor) async throws -> Bool

    /// Why no file of the source can be linked, as was found by trying with one; nil when links work.
    func linkObstacle(of file: LinkSource) async throws -> CopyReason?

    /// What a tag names there now, or nil when there is no such tag.
    func current(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>?

    /// The v1 image and the manifest that a tag was last made of, if the destination remembers such things.
    func record(of tag: Tag, in name: RepositoryName) async throws -> TagRecord?

    /// Makes an image a repository's, under a tag: its layers, which are blobs already, its configuration, its manifest.
    /// All of it is durable when this returns.
    ///
    /// - Parameters:
    ///   - layers: The layers, each with the repository that it was put into.
    ///   - origin: The v1 image that it was made of; nil for what was a manifest before.
    func publish(
        _ image: ConvertedImage,
        _ layers: [UploadedLayer],
        from origin: V1ImageID?,
        as tag: Tag,
        in name: RepositoryName
    ) async throws

    /// Takes a tag back that was published, because its image is not what it should be, unless it names another manifest
    /// by now. Where that takes all tags of a manifest away, as it does through the API, the tag stays.
    func withdraw(_ tag: Tag, naming manifest: Digest, in name: RepositoryName) async throws

    /// The bytes of a manifest or configuration of a repository, as they are served; nil when there are none.
    func document(_ digest: Digest, _ kind: StoredDocument, in name: RepositoryName) async throws -> [UInt8]?
}

extension MigrationDestination {
    /// The blobs of a repository, to be looked at.
    package func blobs(firstRepository: RepositoryName) -> any BlobDestination {
        blobs(firstRepository: firstRepository) { _ in }
    }
}

/// How blobs get to a destination when they are not linked.
package enum BlobTransfer: String, Sendable {
    /// They are written to a file.
    case copy
    /// They are sent through a network.
    case send
}

/// What kind of small blob is asked for.
package enum StoredDocument: Sendable {
    case manifest
    case configuration
}

/// A layer, and the repository that it was put into.
package struct UploadedLayer: Sendable {
    package let blob: Descriptor
    package let firstRepository: RepositoryName

    package init(blob: Descriptor, firstRepository: RepositoryName) {
        self.blob = blob
        self.firstRepository = firstRepository
    }
}
