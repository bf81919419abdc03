import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

@Suite("A collection") struct CollectorTests {
    private let storage = MemoryStorage()
    private let name: RepositoryName
    private let now = CollectionPolicy(grace: .zero)

    init() throws { name = try RepositoryName(parsing: "a/b") }

    private func tag(_ text: String) throws -> Reference { .tag(try ImageModel.Tag(parsing: text)) }

    private func blobs(of digest: Digest, in registry: Registry) async throws -> [Digest] {
        try await registry.manifests.read(digest, in: name).requiredBlobs
    }

    private func holds(_ digest: Digest) async throws -> Bool {
        try await storage.attributes(of: V2Layout.blobData(digest)) != nil
    }

    @Test("removes what a deleted manifest alone named, and its bytes, and what was linked for it")
    func deleted() async throws {
        let registry = openRegistry(storage)
        let kept = try await registry.push("kept", as: tag("kept"), in: name)
        let gone = try await registry.push("gone", as: tag("gone"), in: name)
        let keptBlobs = try await blobs(of: kept, in: registry)
        let goneBlobs = try await blobs(of: gone, in: registry).filter { !keptBlobs.contains($0) }
        #expect(!goneBlobs.isEmpty)
        #expect(try await registry.collector.run(now).blobs.count == 0)
        try await registry.deleteManifest(gone, in: name)
        var rehearsed: [FreeContent] = []
        let (stream, continuation) = AsyncStream.makeStream(of: FreeContent.self)
        let plan = try await registry.collector.run(CollectionPolicy(grace: .zero, isDryRun: true)) { free in
            continuation.yield(free)
        }
        continuation.finish()
        for await free in stream { rehearsed.append(free) }
        #expect(Set(rehearsed.map(\.digest)) == Set(goneBlobs + [gone]))
        #expect(rehearsed.first { $0.digest == gone }?.reason == .unlinked)
        #expect(rehearsed.first { $0.digest == goneBlobs[0] }?.reason == .unnamed)
        #expect(try await holds(gone))
        let report = try await registry.collector.run(now)
        #expect(report.blobs == plan.blobs)
        #expect(report.repositories == plan.repositories)
        for digest in goneBlobs + [gone] { #expect(try await !holds(digest)) }
        for digest in goneBlobs {
            #expect(try await storage.attributes(of: V2Layout.layerLink(digest, in: name)) == nil)
        }
        for digest in keptBlobs + [kept] { #expect(try await holds(digest)) }
        #expect(try await registry.manifest(tag("kept"), in: name).digest == kept)
        #expect(report.readManifestCount == 0, "what was read before is known")
    }

    @Test("keeps what is younger than the grace")
    func grace() async throws {
        let registry = openRegistry(storage)
        let gone = try await registry.push("gone", as: tag("gone"), in: name)
        try await registry.deleteManifest(gone, in: name)
        #expect(try await registry.collector.run(CollectionPolicy()).blobs.count == 0)
        #expect(try await holds(gone))
    }

    @Test("removes manifests without a tag where that is asked for, but for children and referrers of living ones")
    func untagged() async throws {
        let registry = openRegistry(storage)
        let old = try await registry.push("old", as: tag("latest"), in: name)
        let child = try await registry.push("child", as: tag("child"), in: name)
        let index = try Manifest(
            parsing: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[{"mediaType":\
                "\(MediaType.schema2)","size":500,"digest":"\(child)"}]}
                """.utf8
            ),
            contentType: nil
        )
        let list = try await registry.put(index, under: tag("list"), in: name)
        try await registry.deleteTag(ImageModel.Tag(parsing: "child"), in: name)
        let new = try await registry.push("new", as: tag("latest"), in: name)
        #expect(try await registry.collector.run(now).untaggedManifestCount == 0)
        let latest = RepositoryDirectory(key: V2Layout.repositories.appending(name.description)).tags
            .appending("latest/index/sha256")
        #expect(try await storage.list(latest).count == 2)
        let report = try await registry.collector.run(CollectionPolicy(grace: .zero, untaggedAge: .zero))
        #expect(report.untaggedManifestCount == 1)
        #expect(try await storage.list(latest).map(\.name) == [new.hex])
        for digest in [child, list, new] {
            #expect(try await registry.manifest(.digest(digest), in: name).digest == digest)
            for blob in try await blobs(of: digest, in: registry) { #expect(try await holds(blob)) }
        }
        await #expect(throws: RegistryError.self) { try await registry.manifest(.digest(old), in: name) }
        #expect(try await !holds(old))
    }

    @Test("removes untagged manifests by retention rules alone, and then what only they named")
    func retention() async throws {
        let registry = openRegistry(storage)
        let old = try await registry.push("old", as: tag("latest"), in: name)
        let new = try await registry.push("new", as: tag("latest"), in: name)
        var policy = CollectionPolicy(grace: .zero)
        policy.retention = [try #require(RetentionRule(lastCount: 1, untaggedAge: .seconds(3600)))]
        #expect(try await registry.collector.run(policy).blobs.count == 0)
        #expect(try await holds(old))
        policy.retention = [try #require(RetentionRule(lastCount: 1, untaggedAge: .zero))]
        let report = try await registry.collector.run(policy)
        #expect(report.untaggedManifestCount == 1)
        #expect(report.blobs.count == 2, "the manifest and its configuration")
        #expect(try await registry.manifest(.digest(new), in: name).digest == new)
        await #expect(throws: RegistryError.self) { try await registry.manifest(.digest(old), in: name) }
    }

    @Test("keeps the blobs of v1 images and what was converted, and collects the conversion of a deleted tag")
    func legacy() async throws {
        let tree = TestTree(storage: storage)
        let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let v1Name = V1RepositoryName(namespace: "a", repository: "b")
        try await tree.tag("t", v1Name, id)
        let registry = openRegistry(storage)
        let converted = try await registry.manifest(tag("t"), in: name)
        let layers = try await blobs(of: converted.digest, in: registry)
        #expect(try await registry.collector.run(now).blobs.count == 0)
        try await registry.deleteManifest(converted.digest, in: name)
        let report = try await registry.collector.run(now)
        #expect(report.blobs.count == 2, "the manifest and its configuration")
        var kept = 0
        for layer in layers where try await holds(layer) { kept += 1 }
        #expect(kept == 1, "the layer is the v1 image's too")
    }

    @Test("removes v1 images that no tag reaches where that is asked for, and their blobs next time")
    func v1Images() async throws {
        let tree = TestTree(storage: storage)
        let layer = try TestTree.layer("plain.tar.gz")
        let root = try await tree.add("a", layer: layer)
        let top = try await tree.add("b", layer: layer, below: [root])
        let free = try await tree.add("c", layer: try TestTree.layer("pax.tar.gz"), below: [root])
        try await tree.tag("t", V1RepositoryName(namespace: "a", repository: "b"), top)
        let registry = openRegistry(storage)
        _ = try await registry.manifest(tag("t"), in: name)
        #expect(try await registry.collector.run(now).v1Images.count == 0)
        let policy = CollectionPolicy(grace: .zero, sweepsV1Images: true)
        #expect(try await registry.collector.run(CollectionPolicy(sweepsV1Images: true)).v1Images.count == 0)
        let report = try await registry.collector.run(policy)
        #expect(report.v1Images.count == 1)
        #expect(try await storage.attributes(of: V1Layout.image(free)) == nil)
        for id in [root, top] { #expect(try await storage.attributes(of: V1Layout.layer(id)) != nil) }
        let v1Name = try #require(V1RepositoryName(name))
        #expect(try await registry.bridge.image(of: "t", in: v1Name) == top.description)
    }

    @Test("removes records of what is gone")
    func records() async throws {
        let registry = openRegistry(storage)
        let digest = try await registry.push("kept", as: tag("kept"), in: name)
        let gone = Digest(.sha256, of: Array("gone".utf8))
        let id = try TestTree.id("f")
        let keys = [
            OwnLayout.origin(of: gone), OwnLayout.recompressed(gone), OwnLayout.layerRecord(id),
            OwnLayout.derivedManifest(gone, in: name).appending("data"),
            OwnLayout.derived(.image(.docker), of: gone, in: name),
        ]
        for key in keys { try await storage.write(ByteBuffer(string: "{}"), to: key) }
        let kept = OwnLayout.origin(of: digest)
        try await storage.write(ByteBuffer(string: id.description), to: kept)
        let report = try await registry.collector.run(now)
        #expect(report.recordCount == 4 && report.derivationCount == 1)
        for key in keys { #expect(try await storage.attributes(of: key) == nil, "\(key)") }
        #expect(try await storage.attributes(of: kept) != nil)
    }

    @Test("takes at least the time that the limits demand")
    func limit() {
        #expect(SweepLimit().duration(objects: 1000, bytes: 1 << 40) == .zero)
        #expect(SweepLimit(objects: 100).duration(objects: 50, bytes: 1 << 40) == .milliseconds(500))
        #expect(SweepLimit(objects: 100, bytes: 1 << 20).duration(objects: 1, bytes: 3 << 20) == .seconds(3))
    }

    @Test("ends when another program writes")
    func foreign() async throws {
        let registry = openRegistry(storage)
        let gone = try await registry.push("gone", as: tag("gone"), in: name)
        try await registry.deleteManifest(gone, in: name)
        let link = V2Layout.layerLink(Digest(.sha256, of: Array("foreign".utf8)), in: name)
        let foreign = HookedStorage(storage) { [storage] key in
            // Between the first mark and the second.
            guard key == V2Layout.blobs else { return }
            try await storage.write(ByteBuffer(string: link.parent.name), to: link)
        }
        let collector = openRegistry(foreign).collector
        await #expect(throws: CollectionRefusal.foreignWriter(link)) { try await collector.run(now) }
        #expect(try await holds(gone))
    }

    @Test("ends where a manifest cannot be read, and removes nothing")
    func damaged() async throws {
        let registry = openRegistry(storage)
        let damaged = try await registry.push("damaged", as: tag("damaged"), in: name)
        let gone = try await registry.push("gone", as: tag("gone"), in: name)
        try await registry.deleteManifest(gone, in: name)
        try await storage.write(ByteBuffer(string: "{}"), to: V2Layout.blobData(damaged))
        await #expect(throws: CollectionRefusal.self) { try await registry.collector.run(now) }
        #expect(try await holds(gone))
    }
}

/// A storage that calls a hook before each listing.
final class HookedStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let hook: @Sendable (ObjectKey) async throws -> Void

    init(_ base: any ObjectStorage, _ hook: @escaping @Sendable (ObjectKey) async throws -> Void) {
        self.base = base
        self.hook = hook
    }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        do { try await hook(prefix) } catch { throw .failing(prefix, reason: "\(error)") }
        return try await base.list(prefix, after: name, limit: limit)
    }
}
