import ImageModel
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite("One commit per request") struct CommitTests {
    private let storage = WriteRecorder(MemoryStorage())

    @Test("finishing a blob and pushing a manifest with its tag are one commit each")
    func v2() async throws {
        let registry = openRegistry(storage)
        let name = try RepositoryName(parsing: "a/b")
        for text in ["first", "second"] {
            let tag = try ImageModel.Tag(parsing: "latest")
            let writes = try await storage.writes { _ = try await registry.push(text, as: .tag(tag), in: name) }
            // Two blobs and a manifest.
            #expect(writes == ["commit", "commit", "commit"])
        }
    }

    @Test("the checksum of a v1 image is one commit, earlier requests none, and so is its tag")
    func v1() async throws {
        let registry = openRegistry(storage)
        let name = V1RepositoryName(namespace: "library", repository: "app")
        for (number, character) in ["1", "2"].enumerated() {
            let id = try V1ImageID(parsing: String(repeating: character, count: 64))
            #expect(try await storage.writes { try await registry.push(id, zeroBlockCount: number + 3) } == ["commit"])
            let writes = try await storage.writes {
                try await registry.bridge.set("latest", to: id, by: ClientAgent(nil), in: name)
            }
            #expect(writes == ["commit"])
            let manifest = try await registry.manifest(
                .tag(ImageModel.Tag(parsing: "latest")),
                in: RepositoryName(parsing: "app")
            )
            #expect(manifest.mediaType == .schema2)
        }
    }

    @Test("a manifest pushed over a v1 tag replaces it in the same commit")
    func bridged() async throws {
        let registry = openRegistry(storage)
        let v1Name = V1RepositoryName(namespace: "a", repository: "b")
        let name = try RepositoryName(parsing: "a/b")
        let id = try V1ImageID(parsing: String(repeating: "1", count: 64))
        try await registry.push(id, zeroBlockCount: 3)
        try await registry.bridge.set("latest", to: id, by: ClientAgent(nil), in: v1Name)
        let tag = try ImageModel.Tag(parsing: "latest")
        let writes = try await storage.writes { _ = try await registry.push("v2", as: .tag(tag), in: name) }
        #expect(writes == ["commit", "commit", "commit"])
        #expect(try await registry.bridge.image(of: "latest", in: v1Name) != id.description)
    }

    @Test("a delete is one commit, of a tag or of a manifest with its tags, through either protocol")
    func deletes() async throws {
        let registry = openRegistry(storage)
        let name = try RepositoryName(parsing: "a/b")
        let tags = try ["one", "two", "three"].map { try ImageModel.Tag(parsing: $0) }
        var digest: Digest?
        for tag in tags { digest = try await registry.push("image", as: .tag(tag), in: name) }
        #expect(try await storage.writes { try await registry.deleteTag(tags[0], in: name) } == ["commit"])
        let manifest = try #require(digest)
        #expect(try await storage.writes { try await registry.deleteManifest(manifest, in: name) } == ["commit"])
        let v1Name = V1RepositoryName(namespace: "a", repository: "v1")
        let id = try V1ImageID(parsing: String(repeating: "1", count: 64))
        try await registry.push(id, zeroBlockCount: 3)
        for text in ["t", "u", "v"] {
            try await registry.bridge.set(text, to: id, by: ClientAgent(nil), in: v1Name)
        }
        let writes = try await storage.writes { _ = try await registry.bridge.remove("t", in: v1Name) }
        #expect(writes == ["commit"])
        let all = try await storage.writes { _ = try await registry.deleteRepository(EventRepository(v1Name)) }
        // The tags, the manifest, what is left of both, and the records.
        let directory = "docker/registry/v2/repositories/a/v1"
        #expect(
            all == [
                "commit", "commit", "removeAll repositories/a/v1", "removeAll \(directory)/_manifests",
                "removeAll \(directory)/_layers", "commit",
            ]
        )
    }

    @Test("tagging an unconverted v1 image is one commit for both protocols")
    func unconverted() async throws {
        let registry = openRegistry(storage)
        let id = try await TestTree(storage: storage).add("a", layer: try TestTree.layer("plain.tar.gz"))
        let v1Name = V1RepositoryName(namespace: "a", repository: "v1")
        let writes = try await storage.writes {
            try await registry.bridge.set("t", to: id, by: ClientAgent(nil), in: v1Name)
        }
        // The first turns the layer into a blob.
        #expect(writes == ["commit", "commit"])
        let tag = try ImageModel.Tag(parsing: "t")
        let name = try RepositoryName(parsing: "a/v1")
        let pulled = try await storage.writes { _ = try await registry.manifest(.tag(tag), in: name) }
        #expect(pulled.isEmpty)
    }
}
