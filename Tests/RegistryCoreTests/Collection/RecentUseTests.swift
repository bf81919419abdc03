import ImageModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Content that clients were told is here") struct RecentUseTests {
    private let storage = AgedStorage(MemoryStorage())
    private let policy = CollectionPolicy(grace: .seconds(3600))
    private let name: RepositoryName

    init() throws { name = try RepositoryName(parsing: "a") }

    @Test("is kept as long as the grace, however old its files are, where collections are expected")
    func kept() async throws {
        let registry = openRegistry(storage)
        registry.collector.expect(policy)
        let reference = Reference.tag(try ImageModel.Tag(parsing: "t"))
        try await registry.deleteManifest(registry.push("one", as: reference, in: name), in: name)
        #expect(try await registry.collector.run(policy).blobs.count == 0)
        // A new process does not know of earlier uses.
        #expect(try await openRegistry(storage).collector.run(policy).blobs.count == 3)
    }

    @Test("is a blob whose HEAD was answered to a caller who may push")
    func asked() async throws {
        let reference = Reference.tag(try ImageModel.Tag(parsing: "t"))
        let first = openRegistry(storage)
        let digest = try await first.push("one", as: reference, in: name)
        let blob = try #require(try await first.manifests.read(digest, in: name).requiredBlobs.first)
        try await first.deleteManifest(digest, in: name)
        let second = openRegistry(storage)
        second.collector.expect(policy)
        try await second.noteUse(of: blob, in: name)
        #expect(try await second.collector.run(policy).blobs.count == 2)
        #expect(try await storage.attributes(of: V2Layout.blobData(blob)) != nil)
    }

    @Test("is young content in a shared storage, where a collector in another process does not know of it")
    func shared() async throws {
        let time = Mutex(WallClock.now - 2 * policy.grace.nanoseconds)
        let bucket = MemoryBucket(clock: { time.withLock { $0 } })
        let (first, second) = (openRegistry(bucket), openRegistry(MemoryBucket(sharing: bucket)))
        for registry in [first, second] { registry.collector.expect(policy) }
        let reference = Reference.tag(try ImageModel.Tag(parsing: "t"))
        let digest = try await first.push("one", as: reference, in: name)
        let blobs = try await first.manifests.read(digest, in: name).requiredBlobs
        try await first.deleteManifest(digest, in: name)
        time.withLock { $0 = WallClock.now }
        try await first.noteUse(of: blobs[0], in: name)
        #expect(try await second.mount(blobs[1], from: name, into: name))
        // A third process collects.
        let collector = openRegistry(MemoryBucket(sharing: bucket)).collector
        #expect(try await collector.run(policy).blobs.count == 1, "the manifest")
        for blob in blobs { #expect(try await bucket.attributes(of: V2Layout.blobData(blob)) != nil) }
    }

    @Test("takes no memory while no collection is expected")
    func off() {
        let uses = RecentUses()
        #expect(!uses.isKept)
        uses.keep(for: .zero)
        #expect(!uses.isKept)
    }
}

/// A storage whose objects all appear old, except the one that provides the time.
private final class AgedStorage: ForwardingStorage {
    let base: any ObjectStorage

    init(_ base: any ObjectStorage) { self.base = base }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        guard let found = try await base.attributes(of: key), found.kind == .object,
            key != OwnLayout.collection.appending("started")
        else { return try await base.attributes(of: key) }
        return ObjectAttributes(kind: .object, byteCount: found.byteCount, modified: 0, version: found.version)
    }
}
