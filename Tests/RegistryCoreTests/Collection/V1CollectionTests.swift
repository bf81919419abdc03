import ImageModel
import NIOCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

@Suite("A collection of v1 images beside pushes") struct V1CollectionTests {
    private let storage = MemoryStorage()
    private let policy = CollectionPolicy(grace: .zero, sweepsV1Images: true)
    private let parent: V1ImageID
    private let child: V1ImageID
    private let v1Name = V1RepositoryName(namespace: "a", repository: "b")

    init() throws { (parent, child) = (try TestTree.id("a"), try TestTree.id("b")) }

    private func json(parent: V1ImageID?) -> ByteBuffer { ByteBuffer(bytes: TestTree.json(child, parent: parent)) }

    private func hasImage(_ id: V1ImageID) async throws -> Bool {
        try await storage.attributes(of: V1Layout.json(id)) != nil
    }

    @Test("keeps the ancestors of an image that is being pushed, however old they are")
    func unfinished() async throws {
        let registry = openRegistry(storage)
        try await registry.push(parent, zeroBlockCount: 2)
        try await registry.pushes.begin(child, json: json(parent: parent))
        #expect(try await registry.collector.run(policy).v1Images.count == 0)
        try await registry.push(child, parent: parent, zeroBlockCount: 3)
        try await registry.bridge.set("t", to: child, by: ClientAgent(nil), in: v1Name)
        #expect(try await registry.collector.run(policy).v1Images.count == 0)
        for id in [parent, child] { #expect(try await storage.attributes(of: V1Layout.layer(id)) != nil) }
    }

    @Test("leaves the layer of a push in progress alone, which the storage keeps without times of prefixes")
    func progress() async throws {
        let registry = openRegistry(storage)
        let layer = [UInt8](repeating: 0, count: 1024)
        try await registry.pushes.begin(child, json: json(parent: nil))
        let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        continuation.yield(ByteBuffer(bytes: layer))
        continuation.finish()
        try await registry.pushes.receive(layer: body, of: child)
        _ = try await registry.collector.run(policy)
        let checksum = Digest(.sha256, of: TestTree.json(child, parent: nil) + [UInt8(ascii: "\n")] + layer)
        let sent = PushChecksum(payload: checksum.description, tarsum: nil, isFromOldClient: false)
        try await registry.pushes.complete(child, sent)
        #expect(try await storage.attributes(of: V1Layout.layer(child)) != nil)
    }

    @Test("an image is complete only on a complete parent, which another client may have begun again")
    func unfinishedParent() async throws {
        let registry = openRegistry(storage)
        try await registry.push(parent, zeroBlockCount: 2)
        #expect(try await registry.collector.run(policy).v1Images.count == 1)
        try await registry.pushes.begin(parent, json: ByteBuffer(bytes: TestTree.json(parent, parent: nil)))
        await #expect(throws: RegistryError.v1(.parentUnknown)) {
            try await registry.push(child, parent: parent, zeroBlockCount: 3)
        }
        #expect(try await storage.attributes(of: V1Layout.layer(child)) == nil)
        try await registry.push(parent, zeroBlockCount: 2)
        try await registry.push(child, parent: parent, zeroBlockCount: 3)
        #expect(try await storage.attributes(of: V1Layout.layer(child)) != nil)
    }

    @Test("keeps the parent in a JSON that is not in the tree yet")
    func separate() async throws {
        let registry = openRegistry(storage)
        try await registry.push(parent, zeroBlockCount: 2)
        let key = OwnLayout.pushedJSON(Digest(.sha256, of: [1]), at: PushPlace(child, nil))
        try await storage.write(json(parent: parent), to: key)
        #expect(try await registry.collector.run(policy).v1Images.count == 0)
        try await storage.removeAll(below: OwnLayout.push(child))
        #expect(try await registry.collector.run(policy).v1Images.count == 1)
        #expect(try await !hasImage(parent))
    }

    @Test("removes images before their ancestors, and a push on top of a removed one is refused")
    func order() async throws {
        let recorder = RemovalRecorder(storage)
        let registry = openRegistry(recorder)
        try await registry.push(parent, zeroBlockCount: 2)
        try await registry.push(child, parent: parent, zeroBlockCount: 3)
        #expect(try await registry.collector.run(policy).v1Images.count == 2)
        #expect(recorder.removed == [V1Layout.json(child), V1Layout.json(parent)])
        await #expect(throws: RegistryError.v1(.parentUnknown)) {
            try await registry.pushes.begin(child, json: json(parent: parent))
        }
        await #expect(throws: RegistryError.imageUnknown(parent)) {
            try await registry.bridge.set("t", to: parent, by: ClientAgent(nil), in: v1Name)
        }
    }
}
