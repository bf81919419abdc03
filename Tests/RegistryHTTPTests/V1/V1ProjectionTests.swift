import Foundation
import ImageModel
import RegistryCore
import SystemLibraries
import Testing

@Suite("The projection of a v2 image")
struct V1ProjectionTests {
    private static let history = """
        [{"created":"2020-01-01T00:00:00Z","created_by":"ADD a"},\
        {"created":"2020-01-01T00:00:01Z","created_by":"ENV x","empty_layer":true},\
        {"created":"2020-01-01T00:00:02Z","created_by":"ADD b"}]
        """

    private static func layers() throws -> [[UInt8]] {
        try [TestLayer.gzip(TestLayer.tar("a", [1])), TestLayer.gzip(TestLayer.tar("b", [2]))]
    }

    @Test("is found by its id alone, by a server that has never listed its tag")
    func lookup() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        let id = try await withRegistry(over: tree.open()) { port, _ in
            _ = try await V2Client(port: port).push("a/b", "t", layers: layers, history: Self.history)
            return try await V1Daemon(port: port).get("repositories/a/b/tags/t").text.filter { $0 != "\"" }
        }
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let json = try await daemon.get("images/\(id)/json")
            #expect(json.status == 200)
            #expect(json["x-docker-size"] == "\(layers[1].count)")
            #expect(json["x-docker-checksum-payload"] == nil)
            let image = TestImage(id, layer: layers[0])
            #expect(try await daemon.putJSON(image) == 409)
        }
    }

    @Test("of an index is its linux/amd64 image, and an artifact has none")
    func index() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        try await withRegistry(over: tree.open()) { port, _ in
            let client = V2Client(port: port)
            let digest = try await client.push("app", "amd64", layers: layers, mediaType: .ociManifest)
            let other = try await client.push("app", "arm64", layers: [layers[1]], mediaType: .ociManifest)
            func entry(_ digest: String, _ architecture: String) -> String {
                """
                {"mediaType":"\(MediaType.ociManifest)","digest":"\(digest)","size":1,\
                "platform":{"os":"linux","architecture":"\(architecture)"}}
                """
            }
            let entries = "\(entry(other, "arm64")),\(entry(digest, "amd64"))"
            let index = "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.ociIndex)\",\"manifests\":[\(entries)]}"
            _ = try await client.push(manifest: index, .ociIndex, "app", "both")
            let empty = try await client.push(blob: Array("{}".utf8), into: "app")
            let artifact = """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":\
                "application/vnd.example","size":2,"digest":"\(empty)"},"layers":[]}
                """
            _ = try await client.push(manifest: artifact, .ociManifest, "app", "artifact")
            let tags = try JSONValue(parsing: await V1Daemon(port: port).get("repositories/app/tags").body)
            #expect(tags["both"] == tags["amd64"])
            #expect(tags["both"]?.string != nil && tags["both"] != tags["arm64"])
            #expect(tags["artifact"] == nil)
            #expect(try await V1Daemon(port: port).get("repositories/app/tags/artifact").status == 404)
        }
    }

    @Test(
        "of an index is the image of the operator's platform, or of a compatible one",
        arguments: [("linux/arm64", "arm64"), ("linux/arm/v7", "arm"), ("linux/amd64", "amd64"), ("linux/s390x", nil)]
    )
    func platform(platform: String, architecture: String?) async throws {
        let tree = try ScratchTree()
        let settings = try #require(CompatibilitySettings(offersSchema1: true, platform: platform))
        try await withRegistry(over: tree.open(), compatibility: settings) { port, _ in
            let client = V2Client(port: port)
            var entries: [String] = []
            for architecture in ["amd64", "arm64", "arm"] {
                let layers = [try TestLayer.gzip(TestLayer.tar(architecture, [1]))]
                let digest = try await client.push("app", architecture, layers: layers, mediaType: .ociManifest)
                entries.append(
                    """
                    {"mediaType":"\(MediaType.ociManifest)","digest":"\(digest)","size":1,\
                    "platform":{"os":"linux","architecture":"\(architecture)"}}
                    """
                )
            }
            let list = entries.joined(separator: ",")
            let index = "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.ociIndex)\",\"manifests\":[\(list)]}"
            _ = try await client.push(manifest: index, .ociIndex, "app", "all")
            let tags = try JSONValue(parsing: await V1Daemon(port: port).get("repositories/app/tags").body)
            #expect(tags["all"]?.string == architecture.flatMap { tags[$0]?.string })
            let headers = ["User-Agent": "docker/1.9.1 go/go1.4.3"]
            let schema1 = try await client.get("app/manifests/all", headers: headers)
            #expect(schema1.status == (architecture == nil ? 404 : 200))
        }
    }

    @Test(
        "is found by its id alone, even if it was tagged after all tags were searched",
        arguments: [true, false]
    )
    func lookupOfLateTag(isOtherProgram: Bool) async throws {
        let tree = try ScratchTree()
        let late = try ScratchTree()
        let layers = try Self.layers()
        // The id is the same wherever the image is pushed.
        let id = try await withRegistry(over: late.open()) { port, _ in
            _ = try await V2Client(port: port).push("a/b", "t", layers: layers, history: Self.history)
            return try await V1Daemon(port: port).get("repositories/a/b/tags/t").text.filter { $0 != "\"" }
        }
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let target = "images/\(id)/json"
            for _ in 0..<3 { #expect(try await daemon.get(target).status == 404) }
            if isOtherProgram {
                let source = "\(late.path)/docker"
                try TestFiles.default.copyItem(atPath: source, toPath: "\(tree.path)/docker")
                // The id is known only from the tag.
                #expect(try await daemon.get("repositories/a/b/tags/t").text == "\"\(id)\"")
            } else {
                _ = try await V2Client(port: port).push("a/b", "t", layers: layers, history: Self.history)
            }
            #expect(try await daemon.get(target).status == 200)
            #expect(try await daemon.get("images/\(id)/layer").body == layers[1])
        }
    }

    @Test("is not shown when the tree has another image with one of its ids that was not written for it")
    func impostor() async throws {
        let layers = try Self.layers()
        let other = try ScratchTree()
        let ids = try await withRegistry(over: other.open()) { port, _ in
            _ = try await V2Client(port: port).push("a/b", "t", layers: layers, history: Self.history)
            return try await V1Daemon(port: port).expectChain("a/b", "t")
        }
        for impostor in ids {
            let tree = try ScratchTree()
            let image = TestImage(impostor, layer: try TestLayer.gzip(TestLayer.tar("bad", [6, 6, 6])))
            try await withRegistry(over: tree.open()) { port, _ in
                let daemon = V1Daemon(port: port)
                #expect(try await daemon.push(image) == [200, 200, 200])
                _ = try await V2Client(port: port).push("a/b", "t", layers: layers, history: Self.history)
                #expect(try await daemon.get("repositories/a/b/tags/t").status == 404)
                #expect(try await daemon.get("images/\(impostor)/layer").body == image.layer)
                let child = TestImage(TestImage.id("c41d"), parent: ids[0], layer: layers[0])
                if impostor != ids[0] { #expect(try await daemon.putJSON(child) == 400) }
                #expect(try await V2Client(port: port).get("a/b/manifests/t").status == 200)
            }
        }
    }

    @Test("written to the tree for a child is recognized without our records, by its bytes")
    func storedProjection() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        let child = try await withRegistry(over: tree.open()) { port, _ in
            _ = try await V2Client(port: port).push("app", "latest", layers: layers, history: Self.history)
            let ids = try await V1Daemon(port: port).expectChain("library/app", "latest")
            let layer = try TestLayer.gzip(TestLayer.tar("c", [3]))
            let child = TestImage(TestImage.id("c41d"), parent: ids[0], layer: layer)
            #expect(try await V1Daemon(port: port).push(child) == [200, 200, 200])
            return child
        }
        try TestFiles.default.removeItem(atPath: "\(tree.path)/longshore")
        // A copy of the directory has no links.
        for name in try TestFiles.default.contentsOfDirectory(atPath: "\(tree.path)/images") where name != child.id {
            let layer = try #require(tree.bytes("images/\(name)/layer"))
            try TestFiles.default.removeItem(atPath: "\(tree.path)/images/\(name)/layer")
            try tree.write(layer, to: "images/\(name)/layer")
        }
        try await withRegistry(over: tree.open()) { port, _ in
            let ids = try await V1Daemon(port: port).expectChain("library/app", "latest")
            #expect(ids.count == 3)
        }
    }

    @Test("that a dying process left half-written in the tree is pulled like any other")
    func halfStored() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        let ids = try await withRegistry(over: tree.open()) { port, _ in
            _ = try await V2Client(port: port).push("app", "latest", layers: layers, history: Self.history)
            return try await V1Daemon(port: port).expectChain("library/app", "latest")
        }
        let json = try await withRegistry(over: tree.open()) { port, _ in
            try await V1Daemon(port: port).get("images/\(ids[0])/json").body
        }
        try tree.write(json, to: "images/\(ids[0])/json")
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let ancestry = try JSONValue(parsing: await daemon.get("images/\(ids[0])/ancestry").body)
            #expect(ancestry.array?.compactMap(\.string) == ids)
            #expect(try await daemon.get("images/\(ids[0])/json").body == json)
            #expect(try await daemon.get("images/\(ids[0])/layer").body == layers[1])
            #expect(try await daemon.tag("app", "v1", ids[0]) == 200)
            #expect(try await daemon.expectChain("library/app", "v1") == ids)
        }
    }

    @Test("becomes an image of the tree when v1 pushes a child of it, which docker-registry could serve")
    func child() async throws {
        let tree = try ScratchTree()
        let layers = try Self.layers()
        try await withRegistry(over: tree.open()) { port, _ in
            _ = try await V2Client(port: port).push("app", "latest", layers: layers, history: Self.history)
            let daemon = V1Daemon(port: port)
            let ids = try await daemon.expectChain("library/app", "latest")
            let projected = try await daemon.get("images/\(ids[0])/json").body
            let child = TestImage(
                TestImage.id("c41d"),
                parent: ids[0],
                layer: try TestLayer.gzip(TestLayer.tar("c", [3]))
            )
            #expect(try await daemon.push(child) == [200, 200, 200])
            #expect(try await daemon.tag("app", "child", child.id) == 200)
            #expect(try await daemon.expectChain("library/app", "child") == [child.id] + ids)
            #expect(tree.bytes("images/\(ids[0])/json") == projected)
            #expect(tree.bytes("images/\(ids[0])/layer") == layers[1])
            #expect(!tree.contains("images/\(ids[0])/_inprogress"))
            let manifest = try await V2Client(port: port).get("app/manifests/child")
            #expect(try JSONValue(parsing: manifest.body)["layers"]?.array?.count == 4)
            #expect(try await daemon.putJSON(TestImage(ids[0], layer: layers[0])) == 409)
        }
    }
}
