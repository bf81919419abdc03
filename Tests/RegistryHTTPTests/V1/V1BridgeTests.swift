import Foundation
import ImageModel
import RegistryCore
import SystemLibraries
import Testing

@Suite("A v2 image in v1")
struct V1BridgeTests {
    private static let history = """
        [{"created":"2020-01-01T00:00:00Z","created_by":"ADD a"},\
        {"created":"2020-01-01T00:00:01Z","created_by":"ENV x","empty_layer":true},\
        {"created":"2020-01-01T00:00:02Z","created_by":"ADD b"}]
        """

    private static func layers() throws -> [[UInt8]] {
        try [TestLayer.gzip(TestLayer.tar("a", [1])), TestLayer.gzip(TestLayer.tar("b", [2]))]
    }

    @Test(
        "is pulled with layers that verify, and nothing is written for it",
        arguments: [MediaType.schema2, .ociManifest]
    )
    func pull(mediaType: MediaType) async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        try await withRegistry(over: tree.open()) { port, _ in
            _ = try await V2Client(port: port)
                .push("app", "latest", layers: layers, history: Self.history, mediaType: mediaType)
        }
        let before = try tree.snapshot()
        // A server that was not running during the push.
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let ids = try await daemon.expectChain("library/app", "latest")
            #expect(ids.count == 3)
            var contents: [[UInt8]] = []
            for id in ids { contents.append(try await daemon.get("images/\(id)/layer").body) }
            #expect(Digest(.sha256, of: contents[1]).hex.hasPrefix("a3ed95caeb02"))
            #expect([contents[2], contents[0]] == layers)
            #expect(try await daemon.get("search?q=app").text.contains("library/app"))
        }
        let after = try tree.snapshot()
        #expect(after == before)
    }

    @Test("what either protocol sets or deletes applies to the other")
    func overwrites() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        let image = TestImage(TestImage.id("1"), layer: layers[0])
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let client = V2Client(port: port)
            #expect(try await daemon.push(image) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "t", image.id) == 200)
            let first = try await client.get("a/b/manifests/t")["docker-content-digest"]
            let second = try await client.push("a/b", "t", layers: [layers[1]])
            #expect(second != first)
            let projected = try await daemon.get("repositories/a/b/tags/t").text
            #expect(projected != "\"\(image.id)\"")
            #expect(!tree.contains("repositories/a/b/tag_t"))
            // Another v2 tag of the image pushed through v1 has its own id.
            let bytes = try await client.get("a/b/manifests/\(first ?? "")").text
            _ = try await client.push(manifest: bytes, .schema2, "a/b", "again")
            #expect(try await daemon.get("repositories/a/b/tags/again").text == "\"\(image.id)\"")
            #expect(try await daemon.tag("a/b", "t", image.id) == 200)
            #expect(try await client.get("a/b/manifests/t")["docker-content-digest"] == first)
            #expect(try await daemon.delete("repositories/a/b/tags/t").status == 200)
            #expect(try await client.get("a/b/manifests/t").status == 404)
            #expect(try await client.get("a/b/tags/list").text.contains("again"))
            let deletion = try await exchange("DELETE", "/v2/a/b/manifests/again", port: port)
            #expect(deletion.status == 202)
            #expect(try await daemon.get("repositories/a/b/tags/again").status == 404)
        }
    }

    @Test("a repository that v1 deletes is gone from v2 too, with its digests", arguments: ["", "tags"])
    func deletesRepository(path: String) async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        try await withRegistry(over: tree.open()) { port, _ in
            let client = V2Client(port: port)
            var digest = ""
            for tag in ["a", "b"] { digest = try await client.push("x/y", tag, layers: layers) }
            _ = try await client.push("x/y/z", "c", layers: layers)
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.get("repositories/x/y/images").status == 200)
            #expect(try await daemon.delete("repositories/x/y/\(path)").status == 200)
            #expect(try await daemon.get("repositories/x/y/tags").status == 404)
            #expect(try await daemon.get("repositories/x/y/images").status == 404)
            #expect(try await !daemon.get("search?q=x/y").text.contains("\"name\": \"x/y\""))
            #expect(try await client.get("x/y/manifests/a").status == 404)
            #expect(try await client.get("x/y/manifests/\(digest)").status == 404)
            #expect(try await client.get("x/y/blobs/\(Digest(.sha256, of: layers[0]))").status == 404)
            #expect(try await client.get("x/y/tags/list").status == 404)
            #expect(try await client.get("_catalog").text.contains("[\"x/y/z\"]"))
            #expect(try await client.get("x/y/z/manifests/c").status == 200)
            #expect(try await daemon.delete("repositories/x/y/").status == 404)
            #expect(try await client.push("x/y", "a", layers: layers) == digest)
            #expect(try await client.get("x/y/manifests/a").status == 200)
        }
    }

    @Test("after a conversion the v1 tree can be removed: every v2 tag is intact, and v1 sees what is left")
    func withoutTree() async throws {
        let tree = try ScratchTree()
        let image = TestImage(TestImage.id("1"), layer: try Self.layers()[0])
        let digest = try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(image) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "t", image.id) == 200)
            return try await V2Client(port: port).get("a/b/manifests/t")["docker-content-digest"]
        }
        for lost in ["longshore", "images", "repositories"] {
            try TestFiles.default.removeItem(atPath: "\(tree.path)/\(lost)")
        }
        try await withRegistry(over: tree.open()) { port, _ in
            let client = V2Client(port: port)
            #expect(try await client.get("a/b/manifests/t")["docker-content-digest"] == digest)
            let blob = Digest(.sha256, of: image.layer)
            #expect(try await client.get("a/b/blobs/\(blob)").body == image.layer)
            let ids = try await V1Daemon(port: port).expectChain("a/b", "t")
            #expect(ids.count == 1 && ids != [image.id])
        }
    }

    @Test("without our records a tag in both layouts is the v1 image, unless v2 has set it since")
    func withoutRecords() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        let base = TestImage(TestImage.id("1"), layer: layers[0])
        let top = TestImage(TestImage.id("2"), parent: base.id, layer: layers[1])
        let digest = try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let list = Array("[{\"id\":\"\(top.id)\"},{\"id\":\"\(base.id)\"}]".utf8)
            #expect(try await daemon.put("repositories/a/b/", list).status == 200)
            for image in [base, top] { #expect(try await daemon.push(image) == [200, 200, 200]) }
            #expect(try await daemon.tag("a/b", "t", top.id) == 200)
            #expect(try await daemon.tag("a/b", "other", base.id) == 200)
            return try await V2Client(port: port).get("a/b/manifests/t")["docker-content-digest"]
        }
        try TestFiles.default.removeItem(atPath: "\(tree.path)/longshore")
        try await withRegistry(over: tree.open()) { port, _ in
            let found = try await V2Client(port: port).get("a/b/manifests/t")["docker-content-digest"]
            #expect(found == digest)
            let ids = try await V1Daemon(port: port).expectChain("a/b", "t")
            #expect(ids == [top.id, base.id])
        }
        // registry:2 points `t` to the manifest of `other` while we are down and have no records.
        try TestFiles.default.removeItem(atPath: "\(tree.path)/longshore")
        let tags = "docker/registry/v2/repositories/a/b/_manifests/tags"
        let link = try #require(tree.bytes("\(tags)/other/current/link"))
        try tree.write(link, to: "\(tags)/t/current/link")
        try await withRegistry(over: tree.open()) { port, _ in
            let ids = try await V1Daemon(port: port).expectChain("a/b", "t")
            #expect(ids.count == 1 && ids != [top.id])
        }
    }

    @Test("a tag written by docker-registry while we were down is the newer one")
    func foreignWrite() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        let images = [TestImage(TestImage.id("1"), layer: layers[0]), TestImage(TestImage.id("2"), layer: layers[1])]
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            for image in images { _ = try await daemon.push(image) }
            #expect(try await daemon.tag("a/b", "t", images[0].id) == 200)
        }
        try tree.write(Array(images[1].id.utf8), to: "repositories/a/b/tag_t")
        try await withRegistry(over: tree.open()) { port, _ in
            let manifest = try await V2Client(port: port).get("a/b/manifests/t")
            let layer = try JSONValue(parsing: manifest.body)["layers"]?.array?.first?["digest"]?.string
            #expect(layer == Digest(.sha256, of: layers[1]).description)
            #expect(try await V1Daemon(port: port).get("repositories/a/b/tags/t").text == "\"\(images[1].id)\"")
        }
    }
}
