import ImageModel
import NIOCore
import Storage
import Synchronization
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Deleting a repository") struct RepositoryDeletingTests {
    private let name: RepositoryName
    private let v1Name = V1RepositoryName(namespace: "a", repository: "b")
    private let image: V1ImageID

    init() throws {
        name = try RepositoryName(parsing: "a/b")
        image = try TestTree.id("1")
    }

    private var repository: EventRepository { EventRepository(name) }

    private func tag(_ text: String) throws -> ImageModel.Tag { try ImageModel.Tag(parsing: text) }

    /// A repository with a tag of each protocol, an untagged manifest and an unfinished upload; returns its manifests.
    private func fill(_ registry: Registry) async throws -> [Digest] {
        let first = try await registry.push("first", as: .tag(tag("v2")), in: name)
        let second = try await registry.push("second", as: .tag(tag("v2")), in: name)
        try await registry.push(image, zeroBlockCount: 3)
        try await registry.bridge.set("v1", to: image, by: ClientAgent(nil), in: v1Name)
        try await registry.bridge.set("only/v1", to: image, by: ClientAgent(nil), in: v1Name)
        let third = try await registry.manifest(.tag(tag("v1")), in: name).digest
        let id = try await registry.uploads.begin(in: name)
        _ = try await registry.uploads.append(Self.body([1, 2, 3]), at: 0, to: id, in: name)
        return [first, second, third]
    }

    private static func body(_ bytes: [UInt8]) -> AsyncStream<ByteBuffer> {
        AsyncStream { continuation in
            continuation.yield(ByteBuffer(bytes: bytes))
            continuation.finish()
        }
    }

    private func expectGone(_ manifests: [Digest], from registry: Registry) async throws {
        #expect(try await !registry.catalogue.repositories().contains(name))
        #expect(try await !registry.catalogue.everyRepository().contains(repository))
        await #expect(throws: RegistryError.repositoryUnknown("a/b")) { try await registry.catalogue.tags(in: name) }
        await #expect(throws: RegistryError.self) { try await registry.bridge.tags(in: v1Name) }
        for digest in manifests {
            await #expect(throws: RegistryError.manifestUnknown(reference: digest.description, reason: nil)) {
                try await registry.manifest(.digest(digest), in: name)
            }
        }
    }

    @Test("removes it from both protocols, and its bytes with the next collection; others stay")
    func removes() async throws {
        let storage = MemoryStorage()
        let registry = openRegistry(storage)
        let below = try RepositoryName(parsing: "a/b/c")
        let kept = try await registry.push("kept", as: .tag(tag("t")), in: below)
        let manifests = try await fill(registry)
        let blob = try await registry.manifests.read(manifests[0], in: name).requiredBlobs[0]
        // From now on they are cached.
        _ = try await registry.blob(blob, in: name)
        for digest in manifests { _ = try await registry.manifest(.digest(digest), in: name) }
        let events = EventTests.Listener(registry)
        let removed = try await registry.deleteRepository(repository)
        #expect(removed.tags == ["only/v1", "v1", "v2"])
        #expect(removed.manifests.sorted() == manifests.sorted())
        #expect(removed.uploadCount == 1)
        // Two configurations and a layer of v2 images, and those of the v1 image.
        #expect(removed.blobCount == 5)
        let published = events.take()
        #expect(published.last == "repositoryRemoved [\"only/v1\", \"v1\", \"v2\"] in a/b a/b")
        #expect(
            published.dropLast().sorted() == manifests.map { "manifestRemoved \($0) in a/b a/b" }.sorted()
        )
        try await expectGone(manifests, from: registry)
        await #expect(throws: RegistryError.self) { try await registry.blob(blob, in: name) }
        for key in [V2Layout.manifests(of: name), V2Layout.layers(of: name), V2Layout.uploads(of: name)] {
            #expect(try await storage.attributes(of: key) == nil, "\(key)")
        }
        #expect(try await registry.manifest(.tag(tag("t")), in: below).digest == kept)
        // The v1 image stays: it belongs to no repository.
        #expect(try await registry.tree.hasJSON(image))
        _ = try await registry.collector.run(CollectionPolicy(grace: .zero))
        for digest in manifests {
            #expect(try await storage.attributes(of: V2Layout.blobData(digest)) == nil)
        }
        #expect(try await registry.manifest(.tag(tag("t")), in: below).digest == kept)
        await #expect(throws: RegistryError.repositoryUnknown("a/b")) {
            try await registry.deleteRepository(repository)
        }
    }

    @Test("of a v1 name that v2 does not allow removes its tags and metadata")
    func v1Only() async throws {
        let registry = openRegistry(MemoryStorage())
        let odd = V1RepositoryName(namespace: "A", repository: "b\u{1B}c")
        try await registry.push(image, zeroBlockCount: 3)
        try await registry.bridge.set("t", to: image, by: ClientAgent(nil), in: odd)
        #expect(try await registry.catalogue.everyRepository() == [EventRepository(odd)])
        #expect(try await registry.deleteRepository(EventRepository(odd)).tags == ["t"])
        #expect(try await registry.catalogue.everyRepository() == [])
    }

    @Test("leaves a repository that can be deleted again, and no tag without its manifest, wherever it dies")
    func dies() async throws {
        for writeCount in 0..<200 {
            let storage = DyingStorage(MemoryStorage(), after: .max, isClockStopped: false)
            let manifests = try await fill(openRegistry(storage))
            let dying = DyingStorage(storage, after: writeCount, isClockStopped: false)
            do { _ = try await openRegistry(dying).deleteRepository(repository) } catch  where dying.isDead {
                // A dead process sends no response.
            }
            let registry = openRegistry(storage)
            if try await registry.catalogue.contains(name) {
                for tag in try await registry.catalogue.tags(in: name) {
                    _ = try await registry.manifest(.tag(tag), in: name)
                }
            }
            guard dying.isDead else { return try await expectGone(manifests, from: registry) }
            do { _ = try await registry.deleteRepository(repository) } catch RegistryError.repositoryUnknown {
                // It died after the last part.
            }
            try await expectGone(manifests, from: registry)
        }
        Issue.record("a deletion of more than 200 writes")
    }

    @Test("beside pushes leaves each pushed image complete or refused, the same in both protocols")
    func besidePushes() async throws {
        for seed in 0..<(UInt64(100)) { try await runBesidePushes(seed: seed) }
    }

    private func runBesidePushes(seed: UInt64) async throws {
        let work: @Sendable (SeededExecutor) async throws -> Void = { executor in
            try await besidePushes(seed: seed, on: executor)
        }
        _ = try await SeededExecutor.run(seed: seed, work)
    }

    private func besidePushes(seed: UInt64, on executor: SeededExecutor) async throws {
        let registry = openRegistry(YieldingStorage(MemoryStorage(), on: executor, seed: seed))
        try await registry.push(image, zeroBlockCount: 3)
        _ = try await registry.push("old", as: .tag(tag("old")), in: name)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask {
                    do {
                        _ = try await registry.push("p\(number)", as: .tag(tag("p\(number)")), in: name)
                    } catch RegistryError.manifestBlobsUnknown {
                        // Its blobs were deleted after they were pushed.
                    } catch RegistryError.uploadUnknown {
                        // Its upload was.
                    }
                }
            }
            group.addTask { try await registry.bridge.set("v1", to: image, by: ClientAgent(nil), in: v1Name) }
            group.addTask { _ = try await registry.deleteRepository(repository) }
            try await group.waitForAll()
        }
        let isThere = try await registry.catalogue.contains(name)
        let v2Tags = isThere ? try await registry.catalogue.tags(in: name).map(\.description) : []
        #expect(!v2Tags.contains("old"), "seed \(seed)")
        for text in v2Tags {
            let digest = try await registry.manifest(.tag(tag(text)), in: name).digest
            for blob in try await registry.manifests.read(digest, in: name).requiredBlobs {
                _ = try await registry.blob(blob, in: name)
            }
        }
        let v1Tags = v2Tags.isEmpty ? [] : try await registry.bridge.tags(in: v1Name).map(\.tag)
        #expect(v1Tags == v2Tags, "seed \(seed)")
    }

    @Test("while a v1 tag is being converted does not bring its image back")
    func whileConverting() async throws {
        let storage = MemoryStorage()
        let tree = TestTree(storage: storage)
        let id = try await tree.add("2", layer: try TestTree.layer("plain.tar.gz"))
        try await tree.tag("t", v1Name, id)
        let deletion = Mutex<(@Sendable () async throws -> Void)?>(nil)
        let hooked = OpeningStorage(storage) { key in
            guard key == V1Layout.layer(id), let work = deletion.withLock({ $0.take() }) else { return }
            do { try await work() } catch { Issue.record(error) }
        }
        let registry = openRegistry(hooked)
        deletion.withLock { $0 = { [repository] in _ = try await registry.deleteRepository(repository) } }
        await #expect(throws: RegistryError.manifestUnknown(reference: "t", reason: nil)) {
            try await registry.manifest(.tag(try tag("t")), in: name)
        }
        #expect(deletion.withLock { $0 == nil })
        #expect(try await registry.catalogue.repositories() == [])
        #expect(try await storage.attributes(of: V2Layout.manifests(of: name)) == nil)
    }

    @Test("spares an upload that a request is writing to")
    func busyUpload() async throws {
        let registry = openRegistry(MemoryStorage())
        _ = try await fill(registry)
        let id = try await registry.uploads.begin(in: name)
        let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        continuation.yield(ByteBuffer(bytes: [4, 5]))
        async let size = registry.uploads.append(body, at: 0, to: id, in: name)
        while try await registry.uploads.byteCount(of: id, in: name) == 0 { await Task.yield() }
        #expect(try await registry.deleteRepository(repository).uploadCount == 1)
        continuation.finish()
        #expect(try await size == 2)
        let digest = Digest(.sha256, of: [4, 5])
        try await registry.uploads.finish(id, as: digest, in: name)
        _ = try await registry.blob(digest, in: name)
    }
}

/// A storage that calls `onOpen` before an object is opened.
private final class OpeningStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let onOpen: @Sendable (ObjectKey) async -> Void

    init(_ base: any ObjectStorage, onOpen: @escaping @Sendable (ObjectKey) async -> Void) {
        self.base = base
        self.onOpen = onOpen
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        await onOpen(key)
        return try await base.open(key)
    }
}
