package import Conversion
package import ImageModel
import NIOCore
package import RegistryClient
package import RegistryCore
package import Storage
import SystemLibraries

/// A v2 registry of any make that is served elsewhere.
///
/// A layer is sent into the first repository that needs it and mounted into the others. What an earlier run sent is known
/// from the journal; what the registry has lost since is sent again when a tag needs it.
package struct RegistryDestination: MigrationDestination {
    package let workspace: any FileStorage
    package let transfer = BlobTransfer.send
    private let client: DistributionClient
    private let locks = DigestLocks()

    /// - Parameter workspace: A directory of our own, for what is to be remembered.
    package init(_ address: RegistryAddress, _ transport: RegistryTransport, workspace: any FileStorage) async throws {
        self.workspace = workspace
        self.client = DistributionClient(address, transport)
        try await client.ping()
    }

    package func blobs(firstRepository: RepositoryName, onBytesSent: @escaping @Sendable (Int) -> Void)
        -> any BlobDestination
    {
        RemoteBlobs(client: client, name: firstRepository, workspace: workspace, locks: locks, onBytesSent: onBytesSent)
    }

    package func assumesPresent(_ blob: Descriptor) async throws -> Bool { true }

    package func linkObstacle(of file: LinkSource) async throws -> CopyReason? { .differentDrivers }

    package func current(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        // A registry does not say when a tag was set: what no run has put there counts as newer.
        try await client.digest(of: tag, in: name) { Digest(.sha256, of: Array(buffer: $0)) }
            .map { TagSide(value: $0, modified: .max) }
    }

    package func record(of tag: Tag, in name: RepositoryName) async throws -> TagRecord? { nil }

    package func publish(
        _ image: ConvertedImage,
        _ layers: [UploadedLayer],
        from origin: V1ImageID?,
        as tag: Tag,
        in name: RepositoryName
    ) async throws {
        let target = RemoteBlobs(client: client, name: name, workspace: workspace, locks: locks)
        var present: Set<Digest> = []
        for layer in layers where present.insert(layer.blob.digest).inserted {
            try await target.require(layer.blob, from: layer.firstRepository)
        }
        try await target.put(
            image.configuration,
            as: Descriptor(
                mediaType: image.format.configurationType,
                digest: image.configurationDigest,
                size: Int64(image.configuration.count)
            )
        )
        try await client.putManifest(image.manifest, image.format.manifestType, as: tag, in: name)
    }

    /// The most bytes of a configuration that are read back: an archive may hold one of 8 MiB.
    private static let configurationLimit = 16 << 20

    package func withdraw(_ tag: Tag, naming manifest: Digest, in name: RepositoryName) async throws {}

    package func document(
        _ digest: Digest,
        _ kind: StoredDocument,
        in name: RepositoryName
    ) async throws -> [UInt8]? {
        switch kind {
        case .manifest: return try await client.manifest(digest, in: name).map { Array(buffer: $0) }
        case .configuration:
            var bytes: [UInt8] = []
            let isThere: Bool
            do {
                isThere = try await client.readBlob(digest, in: name) { piece in
                    bytes += piece.readableBytesView
                    guard bytes.count <= Self.configurationLimit else { throw ExcessBytes() }
                }
            } catch is ExcessBytes {
                // Not what was sent, as its digest shows: there is no need to read on.
                return bytes
            }
            return isThere ? bytes : nil
        }
    }
}

/// A registry gives more bytes than the largest configuration has.
private struct ExcessBytes: Error {}
