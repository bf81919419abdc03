import ImageModel
import Logging
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct RegistryTests {
    let storage = MemoryStorage()
    var tree: TestTree { TestTree(storage: storage) }

    func registry(isReadOnly: Bool = false, wait: Duration = .seconds(50)) -> Registry {
        var legacy = V1Settings()
        legacy.conversionWait = wait
        return Registry(
            storage: storage,
            isReadOnly: isReadOnly,
            configuration: .init(conversionConcurrency: 2, v1: legacy),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func addCentos() async throws -> V1ImageID {
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let top = try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"), below: [root])
        try await tree.tag("6", V1RepositoryName(namespace: "library", repository: "centos"), top)
        return top
    }

    @Test("a v1 tag is pulled through v2: by tag, then by digest, with every blob in the repository")
    func converted() async throws {
        _ = try await addCentos()
        let registry = registry()
        let name = try RepositoryName(parsing: "centos")
        let served = try await registry.manifest(.tag(try Tag(parsing: "6")), in: name)
        let manifest = try Manifest(parsing: Array(buffer: served.content), contentType: served.mediaType)
        #expect(manifest.mediaType == .schema2)
        #expect(manifest.layers.count == 2)
        #expect(try await registry.manifest(.digest(served.digest), in: name).content == served.content)
        for blob in manifest.requiredBlobs { _ = try await registry.blob(blob, in: name) }
    }

    @Test("twenty simultaneous requests cause one conversion")
    func once() async throws {
        _ = try await addCentos()
        let counting = CountingStorage(storage)
        let registry = Registry(
            storage: counting,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 2),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let name = try RepositoryName(parsing: "centos")
        let tag = try Tag(parsing: "6")
        let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
            for _ in 0..<20 { group.addTask { try await registry.manifest(.tag(tag), in: name).digest } }
            return try await group.reduce(into: Set<Digest>()) { $0.insert($1) }
        }
        #expect(digests.count == 1)
        let layers = counting.opened.filter { $0.description.hasSuffix("/layer") }
        #expect(layers.count == 2, "each layer is opened once")
    }

    @Test("a tag whose image is damaged is unknown to v2, with the reason")
    func damaged() async throws {
        let top = try await addCentos()
        try await storage.remove(V1Layout.layer(top))
        let error = await #expect(throws: RegistryError.self) {
            try await registry().manifest(.tag(try Tag(parsing: "6")), in: RepositoryName(parsing: "centos"))
        }
        guard case .manifestUnknown(_, let reason?) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("layer is missing"))
    }

    @Test("images converted in a read-only directory are kept in memory")
    func readOnly() async throws {
        _ = try await addCentos()
        let before = try await storage.list(.root)
        let registry = registry(isReadOnly: true)
        let name = try RepositoryName(parsing: "centos")
        let manifest = try await registry.manifest(.tag(try Tag(parsing: "6")), in: name)
        #expect(try await registry.manifest(.digest(manifest.digest), in: name).content == manifest.content)
        let parsed = try Manifest(parsing: Array(buffer: manifest.content), contentType: manifest.mediaType)
        for blob in parsed.requiredBlobs { _ = try await registry.blob(blob, in: name) }
        #expect(try await storage.list(.root) == before)
        await #expect(throws: RegistryError.readOnly) { try await registry.deleteTag(Tag(parsing: "6"), in: name) }
    }

    @Test("a pull of library/X is served from X where library/X does not exist, and vice versa")
    func library() async throws {
        _ = try await addCentos()
        let tag = try Tag(parsing: "6")
        let plain = try await registry().manifest(.tag(tag), in: RepositoryName(parsing: "centos"))
        let long = try await registry().manifest(.tag(tag), in: RepositoryName(parsing: "library/centos"))
        #expect(plain.digest == long.digest)
    }

    @Test("the catalogue lists each repository once, in byte order")
    func catalogue() async throws {
        _ = try await addCentos()
        _ = try await registry().manifest(.tag(try Tag(parsing: "6")), in: RepositoryName(parsing: "centos"))
        let foo = V1RepositoryName(namespace: "foo", repository: "bar")
        try await tree.tag("x", foo, try TestTree.id("b"))
        try await tree.tag("dangling", V1RepositoryName(namespace: "foo", repository: "none"), try TestTree.id("f"))
        let catalogue = registry().catalogue
        #expect(try await catalogue.repositories().map(\.description) == ["centos", "foo/bar"])
        #expect(try await catalogue.tags(in: RepositoryName(parsing: "foo/bar")).map(\.description) == ["x"])
        let found = try await registry().search.search("").map(\.name)
        #expect(found == ["foo/bar", "foo/none", "library/centos"])
    }

    @Test("a manifest that refers to missing blobs is refused, listing each of them")
    func missingBlobs() async throws {
        let config = Digest(.sha256, of: Array("config".utf8))
        let layer = Digest(.sha256, of: Array("layer".utf8))
        let json = """
            {"schemaVersion":2,"mediaType":"\(MediaType.schema2)",\
            "config":{"mediaType":"\(MediaType.dockerConfiguration)","digest":"\(config)","size":6},\
            "layers":[{"mediaType":"\(MediaType.dockerLayerGzip)","digest":"\(layer)","size":5}]}
            """
        let manifest = try Manifest(parsing: Array(json.utf8), contentType: nil)
        await #expect(throws: RegistryError.manifestBlobsUnknown([config, layer])) {
            try await registry().put(manifest, under: .tag(try Tag(parsing: "x")), in: RepositoryName(parsing: "a"))
        }
    }
}
