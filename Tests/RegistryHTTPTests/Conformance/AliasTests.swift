import ImageModel
import RegistryCore
import SystemLibraries
import Testing

/// Docker treats `X` and `library/X` as one repository: a pull of one that does not exist is served from the other.
@Suite(.enabled(if: ConformanceTarget.isOwn)) struct AliasTests {
    @Test("HEAD of what only the alias has works like GET", arguments: [("x", "library/x"), ("library/x", "x")])
    func head(pushed: String, asked: String) async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            let client = RegistryClient(port: port, repository: pushed)
            let image = try await client.pushImage("alias", tag: "latest")
            let blob = Digest(.sha256, of: Array("layer alias".utf8))
            let other = client.repository(asked)
            for path in ["blobs/\(blob)", "manifests/latest", "manifests/\(image.digest)"] {
                let get = try await other.send("GET", path)
                let head = try await other.send("HEAD", path)
                #expect(get.status == 200 && head.status == 200, "\(path)")
                for name in ["content-length", "docker-content-digest", "etag", "content-type"] {
                    #expect(head[name] == get[name], "\(path) \(name)")
                }
            }
        }
    }

    @Test("a push may refer to content of the alias: blobs, and the manifests of a list")
    func push() async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            let client = RegistryClient(port: port, repository: "library/x")
            let image = try await client.image("one")
            #expect(try await client.push(image, as: "\(image.digest)").status == 201)
            let second = try await client.pushImage("two", tag: "two")
            let other = client.repository("x")
            #expect(try await other.push(TestManifest.index([image, second]), as: "list").status == 201)
            #expect(try await other.push(image, as: "one").status == 201)
            // The repository is now independent: nothing is served from the alias.
            for manifest in [image, second] {
                #expect(try await other.send("GET", "manifests/\(manifest.digest)").body == manifest.bytes)
            }
            for text in ["one", "two"] {
                let blob = Digest(.sha256, of: Array("layer \(text)".utf8))
                #expect(try await other.send("HEAD", "blobs/\(blob)").status == 200)
            }
            #expect(try await other.push(client.image("three"), as: "three").status == 201)
            #expect(try await client.repository("y").push(image, as: "one").status == 400)
            #expect(try await client.repository("a/x").push(image, as: "one").status == 400)
        }
    }

    @Test("nothing is copied for a caller who may not pull from the alias")
    func rights() async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, registry in
            let client = RegistryClient(port: port, repository: "library/x")
            let image = try await client.pushImage("one", tag: "one")
            let manifest = try Manifest(parsing: image.bytes, contentType: nil)
            await #expect(throws: RegistryError.manifestBlobsUnknown(manifest.requiredBlobs)) {
                try await registry.put(
                    manifest,
                    under: .tag(Tag(parsing: "one")),
                    in: RepositoryName(parsing: "x"),
                    takingOverFrom: nil
                )
            }
        }
    }
}
