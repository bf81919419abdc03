import Foundation
import ImageModel
import RegistryCore
import SystemLibraries
import Testing

@Suite("A slow conversion")
struct V1ConversionTests {
    /// An image written by docker-registry: we have no record of its layer.
    private static func leave(_ image: TestImage, in tree: ScratchTree) throws {
        try tree.write(image.json, to: "images/\(image.id)/json")
        try tree.write(image.layer, to: "images/\(image.id)/layer")
        try tree.write(Array("[\"\(image.id)\"]".utf8), to: "images/\(image.id)/ancestry")
        try tree.write(Array("[\"\(image.checksum)\"]".utf8), to: "images/\(image.id)/_checksum")
    }

    @Test(
        "does not delay a tag's PUT: the tag is v1's, the old one disappears from v2, the new one appears later"
    )
    func tagged() async throws {
        let tree = try ScratchTree()
        let old = TestImage(TestImage.id("01d"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        let new = TestImage(TestImage.id("2e"), layer: try TestLayer.gzip(TestLayer.tar("b", [2])))
        let gatedLayer = V1Layout.layer(try V1ImageID(parsing: new.id))
        let gated = GatedStorage(try await tree.open()) { $0 == gatedLayer }
        let link = "docker/registry/v2/repositories/a/b/_manifests/tags/t/current/link"
        let legacy = V1Settings(conversionWait: .milliseconds(50))
        try await withRegistry(over: gated, v1: legacy) { port, _ in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(old) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "t", old.id) == 200)
            try await poll { tree.contains(link) }
            try Self.leave(new, in: tree)
            #expect(try await daemon.tag("a/b", "t", new.id) == 200)
            #expect(tree.bytes("repositories/a/b/tag_t") == Array(new.id.utf8))
            #expect(!tree.contains(link))
            #expect(try await daemon.get("repositories/a/b/tags/t").text == "\"\(new.id)\"")
            let refused = try await V2Client(port: port).get("a/b/manifests/t")
            #expect(refused.status == 503 && refused["retry-after"] != nil)
            gated.open()
            try await poll { tree.contains(link) }
            let manifest = try await V2Client(port: port).get("a/b/manifests/t")
            let layer = try JSONValue(parsing: manifest.body)["layers"]?.array?.first?["digest"]?.string
            #expect(layer == Digest(.sha256, of: new.layer).description)
        }
    }

    @Test("prevents a push conditional on a new tag from replacing the v1 tag being converted")
    func condition() async throws {
        let tree = try ScratchTree()
        let image = TestImage(TestImage.id("1"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        try Self.leave(image, in: tree)
        try tree.write(Array(image.id.utf8), to: "repositories/a/b/tag_t")
        let legacy = V1Settings(conversion: .off)
        try await withRegistry(over: tree.open(), v1: legacy) { port, _ in
            let client = RegistryClient(port: port, repository: "a/b")
            let modern = try await client.image("modern")
            for (name, value) in [("If-None-Match", "*"), ("If-Match", "\"\(modern.digest)\"")] {
                let headers = [("Content-Type", modern.mediaType), (name, value)]
                #expect(try await client.send("PUT", "manifests/t", headers, modern.bytes).status == 412)
            }
            #expect(tree.bytes("repositories/a/b/tag_t") == Array(image.id.utf8))
        }
    }

    @Test("begins with the JSON of a child, not with its tag")
    func hashedAhead() async throws {
        let tree = try ScratchTree()
        let base = TestImage(TestImage.id("ba5e"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        let layer = try TestLayer.gzip(TestLayer.tar("b", [2]))
        let child = TestImage(TestImage.id("c41d"), parent: base.id, layer: layer)
        try Self.leave(base, in: tree)
        let record = "longshore/images/ba/\(base.id)"
        try await withRegistry(over: tree.open()) { port, _ in
            #expect(!tree.contains(record))
            #expect(try await V1Daemon(port: port).putJSON(child) == 200)
            try await poll { tree.contains(record) }
        }
    }
}
