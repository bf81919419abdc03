import Conversion
import HTTPTypes
import ImageModel
import Logging
import Migration
import NIOCore
import RegistryClient
import RegistryCore
import RegistryHTTP
import Storage
import Synchronization
import TestSupport
import Testing

/// Migrations that take longer than the grace of the destination's collections.
@Suite struct CollectedLayerTests {
    private let source = MemoryStorage()
    private let destination = MemoryStorage()
    private let centos = V1RepositoryName(namespace: "library", repository: "centos")

    private func fill() async throws {
        let tree = TestTree(storage: source)
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        try await tree.tag("6", centos, try await tree.add("b", layer: try TestTree.layer("dot.tar.xz"), below: [root]))
    }

    /// Collects in the destination, without any grace.
    private func collect() async throws -> Int {
        let registry = Registry(
            storage: destination,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 2),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await registry.collector.run(CollectionPolicy(grace: .zero)).blobs.count
    }

    private func check(_ result: MigrationResult, _ collected: Int?) async throws {
        #expect(collected == 2, "both layers")
        #expect(result.names == ["centos:6"])
        #expect(result.tags.map(\.outcome) == [.converted])
        #expect(try await collect() == 0)
        let tag = try #require(result.tags.first)
        let blobs = RegistryParts(storage: destination).blobs
        let bytes = try #require(try await destination.read(V2Layout.blobData(tag.manifest), limit: 1 << 20))
        for blob in try Manifest(parsing: Array(buffer: bytes), contentType: nil).requiredBlobs {
            #expect(try await blobs.byteCount(of: blob) != nil)
        }
    }

    @Test("import layers again that were collected before a manifest named them")
    func directory() async throws {
        try await fill()
        let collecting = CollectingDestination(DirectoryDestination(destination), collect)
        let result = try await MigrationRun(DirectorySource(source, identity: "source"), collecting)()
        try await check(result, collecting.collectedCount)
    }

    @Test("send layers again that a registry collected")
    func registry() async throws {
        try await fill()
        try await ServedRegistry.serving(destination) { address in
            let remote = try await RegistryDestination(
                address,
                ServedRegistry.transport(),
                workspace: MemoryStorage()
            )
            let collecting = CollectingDestination(remote, collect)
            let result = try await MigrationRun(DirectorySource(source, identity: "source"), collecting)()
            try await check(result, collecting.collectedCount)
        }
    }

    @Test("look again where a registry refuses a manifest, once")
    func refused() async throws {
        try await fill()
        let refusals = Mutex(1)
        try await ServedRegistry.serving(destination) { request, response in
            guard request.method == .put, request.path.contains("/manifests/") else { return }
            let isRefused = refusals.withLock { count in
                count -= 1
                return count >= 0
            }
            if isRefused { response = RegistryResponse(.notFound) }
        } _: { address in
            let remote = try await RegistryDestination(
                address,
                ServedRegistry.transport(),
                workspace: MemoryStorage()
            )
            let result = try await MigrationRun(DirectorySource(source, identity: "source"), remote)()
            #expect(result.names == ["centos:6"])
        }
    }
}

/// A destination where a collection runs before the first image is published.
private final class CollectingDestination: MigrationDestination {
    private let base: any MigrationDestination
    private let collect: @Sendable () async throws -> Int
    private let count = Mutex<Int?>(nil)

    init(_ base: any MigrationDestination, _ collect: @escaping @Sendable () async throws -> Int) {
        self.base = base
        self.collect = collect
    }

    /// The number of blobs that were collected; nil if nothing was published.
    var collectedCount: Int? { count.withLock { $0 } }

    var workspace: any FileStorage { base.workspace }
    var transfer: BlobTransfer { base.transfer }

    func publish(
        _ image: ConvertedImage,
        _ layers: [UploadedLayer],
        from origin: V1ImageID?,
        as tag: ImageModel.Tag,
        in name: RepositoryName
    ) async throws {
        if collectedCount == nil {
            let collected = try await collect()
            count.withLock { $0 = collected }
        }
        try await base.publish(image, layers, from: origin, as: tag, in: name)
    }

    func blobs(firstRepository: RepositoryName, onBytesSent: @escaping @Sendable (Int) -> Void)
        -> any BlobDestination
    {
        base.blobs(firstRepository: firstRepository, onBytesSent: onBytesSent)
    }

    func assumesPresent(_ blob: Descriptor) async throws -> Bool { try await base.assumesPresent(blob) }

    func linkObstacle(of file: LinkSource) async throws -> CopyReason? { try await base.linkObstacle(of: file) }

    func current(_ tag: ImageModel.Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        try await base.current(tag, in: name)
    }

    func record(of tag: ImageModel.Tag, in name: RepositoryName) async throws -> TagRecord? {
        try await base.record(of: tag, in: name)
    }

    func withdraw(_ tag: ImageModel.Tag, naming manifest: Digest, in name: RepositoryName) async throws {
        try await base.withdraw(tag, naming: manifest, in: name)
    }

    func document(_ digest: Digest, _ kind: StoredDocument, in name: RepositoryName) async throws -> [UInt8]? {
        try await base.document(digest, kind, in: name)
    }
}
