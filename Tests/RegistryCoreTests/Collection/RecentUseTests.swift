import ImageModel
import NIOCore
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

    @Test("is what they uploaded or mounted again, or pushed by digest, also where no collection is expected")
    func again() async throws {
        let registry = openRegistry(storage)
        let tag = try ImageModel.Tag(parsing: "t")
        let manifest = try await registry.manifests.read(registry.push("one", as: .tag(tag), in: name), in: name)
        let digest = try await registry.put(manifest, under: .tag(tag), in: name)
        try await registry.deleteManifest(digest, in: name)
        let blobs = manifest.requiredBlobs
        storage.age()
        let bytes = try #require(try await storage.read(V2Layout.blobData(blobs[0]), limit: 1 << 20))
        let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        continuation.yield(bytes)
        continuation.finish()
        let upload = try await registry.uploads.begin(in: name)
        try await registry.uploads.finish(upload, as: blobs[0], in: name, appending: body, at: 0)
        #expect(try await registry.mount(blobs[1], from: name, into: name))
        #expect(try await registry.collector.run(policy).blobs.count == 1, "the manifest")
        for blob in blobs { #expect(try await storage.attributes(of: V2Layout.blobData(blob)) != nil) }
        // A child of an index that is about to be pushed.
        _ = try await registry.put(manifest, under: .tag(tag), in: name)
        try await registry.deleteTag(tag, in: name)
        storage.age()
        _ = try await registry.put(manifest, under: .digest(digest), in: name)
        let removing = CollectionPolicy(grace: policy.grace, untaggedAge: policy.grace)
        #expect(try await registry.collector.run(removing).untaggedManifestCount == 0)
        storage.age()
        #expect(try await registry.collector.run(removing).untaggedManifestCount == 1)
    }

    @Test("is what they were told just before its deletion")
    func lastMoment() async throws {
        let plain = openRegistry(storage)
        let digest = try await plain.push("one", as: .tag(ImageModel.Tag(parsing: "t")), in: name)
        let blob = try #require(try await plain.manifests.read(digest, in: name).requiredBlobs.first)
        try await plain.deleteManifest(digest, in: name)
        let told = Mutex<Registry?>(nil)
        let name = name
        let markCount = Mutex(0)
        let registry = openRegistry(
            HookedStorage(storage) { key in
                // At the end of the second mark, which has not reached it.
                guard key == V2Layout.blobs.appending("sha512") else { return }
                markCount.withLock { $0 += 1 }
                if markCount.withLock({ $0 }) == 2 { try await told.withLock { $0 }?.noteUse(of: blob, in: name) }
            }
        )
        told.withLock { $0 = registry }
        registry.collector.expect(policy)
        #expect(try await registry.collector.run(policy).blobs.count == 2)
        #expect(try await storage.attributes(of: V2Layout.blobData(blob)) != nil)
    }

    @Test("takes no memory while no collection is expected")
    func off() {
        let uses = RecentUses()
        #expect(!uses.isKept)
        uses.keep(for: .zero)
        #expect(!uses.isKept)
    }
}

/// A storage whose objects appear old, except the one that provides the time and, from the first call of ``age()`` on,
/// those written since the last one.
private final class AgedStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let young = Mutex<Set<ObjectKey>?>(nil)

    init(_ base: any ObjectStorage) { self.base = base }

    /// Lets all objects appear old.
    func age() { young.withLock { $0 = [] } }

    func commit(_ batch: WriteBatch) async throws(StorageError) {
        var written: [ObjectKey] = []
        for change in batch.changes where change.isWrite {
            if case .ensure(let bytes, let key, _) = change, try await base.read(key, limit: 1 << 20) == bytes {
                continue
            }
            written.append(change.key)
        }
        try await base.commit(batch)
        young.withLock { $0?.formUnion(written) }
    }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        guard let found = try await base.attributes(of: key), found.kind == .object,
            key != OwnLayout.collection.appending("started"), young.withLock({ $0?.contains(key) }) != true
        else { return try await base.attributes(of: key) }
        return ObjectAttributes(kind: .object, byteCount: found.byteCount, modified: 0, version: found.version)
    }
}
