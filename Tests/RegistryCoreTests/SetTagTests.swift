import ImageModel
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Setting a tag to stored content") struct SetTagTests {
    private let storage = MemoryStorage()
    private let name: RepositoryName
    private let v1Name = V1RepositoryName(namespace: "a", repository: "b")

    init() throws { name = try RepositoryName(parsing: "a/b") }

    private var repository: EventRepository { EventRepository(name) }

    private func tag(_ text: String) throws -> ImageModel.Tag { try ImageModel.Tag(parsing: text) }

    private func expectSame(_ first: String, _ second: String, in registry: Registry) async throws {
        let digest = try await registry.manifest(.tag(tag(first)), in: name).digest
        #expect(try await registry.manifest(.tag(tag(second)), in: name).digest == digest)
        let image = try await registry.bridge.image(of: first, in: v1Name)
        #expect(image != nil)
        #expect(try await registry.bridge.image(of: second, in: v1Name) == image)
    }

    @Test("by digest replaces a v1 tag, in both protocols")
    func digest() async throws {
        let registry = openRegistry(storage)
        let image = try TestTree.id("1")
        try await registry.push(image, zeroBlockCount: 3)
        try await registry.bridge.set("1", to: image, by: ClientAgent(nil), in: v1Name)
        let digest = try await registry.push("v2", as: .tag(tag("2")), in: name)
        let events = EventTests.Listener(registry)
        try await registry.setTag(tag("1"), to: digest, in: name)
        #expect(events.take() == ["tagSet 1 \(digest) in a/b a/b"])
        try await expectSame("2", "1", in: registry)
        let other = Digest(.sha256, of: [1])
        await #expect(throws: RegistryError.manifestUnknown(reference: other.description, reason: nil)) {
            try await registry.setTag(tag("1"), to: other, in: name)
        }
    }

    @Test("by a tag sets it to the same image in both protocols", arguments: ["v2", "v1", "unconverted", "converted"])
    func byTag(_ source: String) async throws {
        let tree = TestTree(storage: storage)
        let id = try await tree.add("2", layer: try TestTree.layer("plain.tar.gz"))
        for tag in ["unconverted", "converted"] { try await tree.tag(tag, v1Name, id) }
        let registry = openRegistry(storage)
        _ = try await registry.manifest(.tag(tag("converted")), in: name)
        let image = try TestTree.id("1")
        try await registry.push(image, zeroBlockCount: 3)
        try await registry.bridge.set("v1", to: image, by: ClientAgent(nil), in: v1Name)
        _ = try await registry.push("v2", as: .tag(tag("v2")), in: name)
        for target in ["new", "v1", "v2", "converted"] {
            try await registry.setTag(target, toTag: source, in: repository)
            try await expectSame(source, target, in: registry)
            // Another process sees the same.
            try await expectSame(source, target, in: openRegistry(storage))
        }
        await #expect(throws: RegistryError.tagUnknown("no")) {
            try await registry.setTag("new", toTag: "no", in: repository)
        }
    }

    @Test("that only v1 allows works for v1 images alone")
    func v1Only() async throws {
        let registry = openRegistry(storage)
        let image = try TestTree.id("1")
        try await registry.push(image, zeroBlockCount: 3)
        try await registry.bridge.set("1", to: image, by: ClientAgent(nil), in: v1Name)
        _ = try await registry.push("v2", as: .tag(tag("2")), in: name)
        try await registry.setTag("a b", toTag: "1", in: repository)
        #expect(try await registry.bridge.image(of: "a b", in: v1Name) == image.description)
        try await registry.setTag("c", toTag: "a b", in: repository)
        try await expectSame("1", "c", in: registry)
        await #expect(throws: RegistryError.malformedTag("a b")) {
            try await registry.setTag("a b", toTag: "2", in: repository)
        }
        #expect(try await registry.deleteTag("a b", in: repository))
        #expect(try await !registry.deleteTag("a b", in: repository))
    }
}
