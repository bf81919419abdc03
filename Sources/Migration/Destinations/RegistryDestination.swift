package import Conversion
package import ImageModel
import NIOCore
package import RegistryClient
package import RegistryCore
package import Storage
import SystemLibraries

/// A remote v2 registry, of any implementation.
///
/// A layer is uploaded to the first repository that needs it and mounted into the others. The journal records what
/// earlier runs have sent; blobs that the registry has lost since are sent again when a tag needs them.
package struct RegistryDestination: MigrationDestination {
    package let workspace: any FileStorage
    package let transfer = BlobTransfer.send
    private let client: DistributionClient
    private let locks = DigestLocks()

    /// - Parameter workspace: A directory of our own for the journal and layers in transit.
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
        // A registry does not report when a tag was set: a tag that no run has written counts as newer.
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
        do { try await send(image, layers, as: tag, in: name) } catch let failure as RegistryFailure {
            // The registry may have collected a blob after it reported it as present: look again, once.
            guard case .refused(_, 400..<500, _) = failure, !failure.isOutage else { throw failure }
            try await send(image, layers, as: tag, in: name)
        }
    }

    private func send(
        _ image: ConvertedImage,
        _ layers: [UploadedLayer],
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

    /// The size limit for reading back a configuration: an archive may contain one of 8 MiB.
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
                // Too large to be what was sent: the digest cannot match, so the rest is not read.
                return bytes
            }
            return isThere ? bytes : nil
        }
    }
}

/// The registry returned more bytes than the largest configuration has.
private struct ExcessBytes: Error {}
