import ImageModel
import NIOCore
import RegistryCore
import Storage
import TestSupport
import Testing

@Suite("A list with an unreadable item")
struct DamagedListTests {
    private let name: RepositoryName
    private let v1Name: V1RepositoryName
    private let link: ObjectKey

    init() throws {
        name = try RepositoryName(parsing: "a/b")
        v1Name = try #require(V1RepositoryName(name))
        link = V2Layout.currentLink(try Tag(parsing: "hurt"), in: name)
    }

    /// A registry with three tags, read through a storage with `fault`.
    private func registry(
        _ fault: @escaping @Sendable (ObjectKey) -> StorageError?
    ) async throws -> (Registry, sound: Digest) {
        let storage = MemoryStorage()
        let writer = openRegistry(storage)
        let sound = try await writer.push("sound", as: .tag(Tag(parsing: "sound")), in: name)
        _ = try await writer.push("hurt", as: .tag(Tag(parsing: "hurt")), in: name)
        let failing = CountingStorage(storage) { key throws(StorageError) in
            if let error = fault(key) { throw error }
        }
        return (openRegistry(failing), sound)
    }

    @Test("leaves it out", arguments: ["unreadable", "tooLarge"])
    func leftOut(fault: String) async throws {
        let link = link
        let (registry, sound) = try await registry { key in
            guard key == link else { return nil }
            return fault == "unreadable"
                ? .unreadable(key, reason: "Permission denied") : .tooLarge(key, byteCount: 5000, limit: 256)
        }
        #expect(try await registry.bridge.tags(in: v1Name).map(\.tag) == ["sound"])
        #expect(try await registry.bridge.taggedImages(in: v1Name).count == 1)
        #expect(try await registry.catalogue.tags(in: name).map(\.description) == ["hurt", "sound"])
        #expect(try await registry.catalogue.repositories() == [name])
        let image = try #require(try await registry.bridge.taggedImages(in: v1Name).first)
        let id = try V1ImageID(parsing: image)
        #expect(try await registry.holders.access(to: id) { _ in true } != nil)
        _ = try await registry.v1Images.image(id)
        try await registry.deleteManifest(sound, in: name)
        #expect(try await registry.catalogue.tags(in: name).map(\.description) == ["hurt"])
    }

    @Test("fails as a whole when the medium fails: existing content is never reported absent")
    func failing() async throws {
        let link = link
        let (registry, sound) = try await registry { key in
            key == link ? .failing(key, reason: "Input/output error") : nil
        }
        let error = StorageError.failing(link, reason: "Input/output error")
        await #expect(throws: RegistryError.storage(error)) { try await registry.bridge.tags(in: v1Name) }
        await #expect(throws: RegistryError.storage(error)) { try await registry.bridge.taggedImages(in: v1Name) }
        await #expect(throws: RegistryError.storage(error)) { try await registry.deleteManifest(sound, in: name) }
        let id = try V1ImageID(parsing: String(repeating: "a", count: 64))
        await #expect(throws: RegistryError.storage(error)) { try await registry.v1Images.image(id) }
        await #expect(throws: RegistryError.storage(error)) { try await registry.holders.access(to: id) { _ in true } }
    }

    @Test("leaves out a v1 tag whose image has no readable JSON")
    func damagedImage() async throws {
        let storage = MemoryStorage()
        let registry = openRegistry(storage)
        let ids = try ["a", "b"].map { try V1ImageID(parsing: String(repeating: $0, count: 64)) }
        for (id, tag) in zip(ids, ["good", "hurt"]) {
            try await registry.push(id, zeroBlockCount: 2)
            let key = try #require(V1Layout.tag(tag, in: v1Name))
            try await storage.write(ByteBuffer(string: id.description), to: key)
        }
        let failing = CountingStorage(storage) { key throws(StorageError) in
            if key == V1Layout.json(ids[1]) { throw .unreadable(key, reason: "Permission denied") }
        }
        let other = openRegistry(failing)
        #expect(try await other.catalogue.tags(in: name).map(\.description) == ["good"])
        #expect(try await other.catalogue.repositories() == [name])
        #expect(try await other.bridge.tags(in: v1Name).map(\.tag).contains("good"))
    }

    @Test("of v1 repositories leaves out a namespace, and nothing else")
    func damagedNamespace() async throws {
        let storage = MemoryStorage()
        let id = try V1ImageID(parsing: String(repeating: "a", count: 64))
        try await openRegistry(storage).push(id, zeroBlockCount: 2)
        for namespace in ["hurt", "sound"] {
            let name = try V1RepositoryName(RepositoryName(parsing: "\(namespace)/app"))
            let key = try #require(name.flatMap { V1Layout.tag("latest", in: $0) })
            try await storage.write(ByteBuffer(string: id.description), to: key)
        }
        let hurt = V1Layout.repositories.appending("hurt")
        let registry = openRegistry(
            CountingStorage(storage) { key throws(StorageError) in
                if key == hurt { throw .unreadable(key, reason: "Permission denied") }
            }
        )
        #expect(try await registry.catalogue.repositories().map(\.description) == ["sound/app"])
        #expect(try await registry.search.search("").map(\.name) == ["sound/app"])
        #expect(try await registry.holders.access(to: id) { $0.description == "sound/app" } != nil)
        #expect(try await registry.holders.access(to: id) { $0.description == "hurt/app" } == nil)
    }

    @Test("distinguishes faults of one object from those that may concern all")
    func scope() {
        let key = ObjectKey.root.appending("a")
        #expect(StorageError.unreadable(key, reason: "").isOfOneObject)
        #expect(StorageError.tooLarge(key, byteCount: 2, limit: 1).isOfOneObject)
        #expect(StorageError.absent(key).isOfOneObject)
        #expect(!StorageError.failing(key, reason: "").isOfOneObject)
        #expect(!StorageError.unreachable(key, reason: "").isOfOneObject)
    }
}
