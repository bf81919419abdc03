import ImageModel
import Logging
import RegistryCore
import Storage
import TestSupport
import Testing

/// Deletes in a directory that both protocols have written to.
@Suite struct RegistryDeletingTests {
    let storage = MemoryStorage()
    let v1Name = V1RepositoryName(namespace: "library", repository: "centos")

    var registry: Registry {
        Registry(
            storage: storage,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 2),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func addTags(_ tags: String...) async throws {
        let tree = TestTree(storage: storage)
        let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        for tag in tags { try await tree.tag(tag, v1Name, id) }
    }

    private func isInV1(_ tag: String) async throws -> Bool {
        try await V1Tree(storage: storage).tag(tag, in: v1Name) != nil
    }

    @Test("deleting a tag that only v1 knows removes it from the v1 tree", arguments: [true, false])
    func v1Tag(isConverted: Bool) async throws {
        try await addTags("6", "7")
        let registry = registry
        let name = try RepositoryName(parsing: "centos")
        let tag = try Tag(parsing: "6")
        if isConverted { _ = try await registry.manifest(.tag(tag), in: name) }
        try await registry.deleteTag(tag, in: name)
        #expect(try await !isInV1("6"))
        await #expect(throws: RegistryError.self) { try await registry.manifest(.tag(tag), in: name) }
        #expect(try await registry.catalogue.tags(in: name).map(\.description) == ["7"])
        #expect(try await storage.attributes(of: OwnLayout.tagRecord(tag, in: name)) == nil)
    }

    @Test("deleting a manifest also deletes unconverted v1 tags of the same image")
    func unconvertedTags() async throws {
        try await addTags("6", "latest", "centos6")
        let registry = registry
        let name = try RepositoryName(parsing: "centos")
        let digest = try await registry.manifest(.tag(try Tag(parsing: "6")), in: name).digest
        try await registry.deleteManifest(digest, in: name)
        for text in ["6", "latest", "centos6"] {
            #expect(try await !isInV1(text))
            let tag = try Tag(parsing: text)
            await #expect(throws: RegistryError.self) { try await registry.manifest(.tag(tag), in: name) }
        }
        await #expect(throws: RegistryError.self) { try await registry.manifest(.digest(digest), in: name) }
    }

    @Test("deleting a repository by its v1 name leaves neither its name nor its manifests in v2")
    func repository() async throws {
        let registry = registry
        let name = try RepositoryName(parsing: "centos")
        try await addTags("6")
        let converted = try await registry.manifest(.tag(try Tag(parsing: "6")), in: name).digest
        let pushed = try await registry.push("7", as: .tag(try Tag(parsing: "7")), in: name)
        try await registry.deleteTag(try Tag(parsing: "7"), in: name)
        _ = try await registry.deleteRepository(EventRepository(v1Name))
        for digest in [converted, pushed] {
            await #expect(throws: RegistryError.self) { try await registry.manifest(.digest(digest), in: name) }
        }
        #expect(try await registry.catalogue.everyRepository().isEmpty)
    }

    @Test("deleting a manifest leaves the tags of others")
    func otherTags() async throws {
        try await addTags("6")
        let tree = TestTree(storage: storage)
        let other = try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"))
        try await tree.tag("7", v1Name, other)
        let registry = registry
        let name = try RepositoryName(parsing: "centos")
        let digest = try await registry.manifest(.tag(try Tag(parsing: "6")), in: name).digest
        try await registry.deleteManifest(digest, in: name)
        #expect(try await isInV1("7"))
        #expect(try await registry.catalogue.tags(in: name).map(\.description) == ["7"])
    }

    @Test("a v1 tag with a damaged image does not prevent deleting another manifest")
    func damagedTag() async throws {
        try await addTags("6", "7")
        let registry = registry
        let name = try RepositoryName(parsing: "centos")
        let digest = try await registry.manifest(.tag(try Tag(parsing: "6")), in: name).digest
        let tree = TestTree(storage: storage)
        let damaged = try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"))
        try await tree.tag("damaged", v1Name, damaged)
        try await storage.remove(V1Layout.layer(damaged))
        try await registry.deleteManifest(digest, in: name)
        #expect(try await isInV1("damaged"))
        #expect(try await !isInV1("7"))
    }
}
