import Conversion
import Foundation
import ImageModel
import SystemLibraries
import Testing

/// Every era pulls from a read-only directory.
@Suite struct ReadOnlyEraTests {
    @Test(
        "a read-only directory serves every image to every era, and is unchanged",
        arguments: Era.allCases,
        Era.allCases
    )
    func cell(pushedBy: Era, pulledBy: Era) async throws {
        let image = try GoldenImage()
        let tree = try ScratchTree()
        try await ConformanceTarget.withOwn(root: tree.path) { port in
            try await RegistryClient(port: port, repository: image.repository).push(image, by: pushedBy)
        }
        // Only the other program's files are left: nothing of ours records what was converted.
        try tree.removeAll("longshore")
        if pushedBy == .v1 { try TestFiles.default.removeItem(atPath: "\(tree.path)/docker") }
        let before = try tree.snapshot()
        for _ in 0..<2 {
            let pulled = try await ConformanceTarget.withOwn(root: tree.path, isReadOnly: true) { port in
                let client = RegistryClient(port: port, repository: image.repository)
                let first = try await client.pull(GoldenImage.tag, by: pulledBy)
                #expect(try await client.pull(GoldenImage.tag, by: pulledBy) == first)
                let digest = try #require(
                    await client.send("HEAD", "manifests/\(GoldenImage.tag)", pulledBy.pullHeaders)[
                        "docker-content-digest"
                    ]
                        ?? (pulledBy == .v1 ? "" : nil)
                )
                if pulledBy != .v1 {
                    let answer = try await client.send("GET", "manifests/\(digest)", pulledBy.pullHeaders)
                    #expect(answer.status == 200)
                }
                #expect(try await client.send("PUT", "manifests/x", [], image.manifest).status == 405)
                return first
            }
            #expect(pulled.diffIDs == (try image.diffIDs()))
        }
        let after = try tree.snapshot()
        #expect(after == before)
    }

    @Test("a layer that needs recompression is refused with the reason", arguments: [Era.schema1, .schema2])
    func zstd(era: Era) async throws {
        let tree = try ScratchTree()
        let layer = try Testdata.bytes("layers/plain.tar.zst")
        let configuration = Array(#"{"architecture":"amd64","os":"linux"}"#.utf8)
        let image = TestManifest.image(configuration, layers: [layer])
        let text = String(decoding: image.bytes, as: UTF8.self).replacing("v1.tar+gzip", with: "v1.tar+zstd")
        try await ConformanceTarget.withOwn(root: tree.path) { port in
            let client = RegistryClient(port: port, repository: "a/b")
            for blob in [configuration, layer] { try await client.push(blob: blob) }
            let answer = try await client.push(TestManifest(mediaType: image.mediaType, text), as: "latest")
            #expect(answer.status == 201)
        }
        try await ConformanceTarget.withOwn(root: tree.path, isReadOnly: true) { port in
            let client = RegistryClient(port: port, repository: "a/b")
            for method in ["GET", "HEAD"] {
                let answer = try await client.send(method, "manifests/latest", era.pullHeaders)
                #expect(answer.status == 404)
                if method == "GET" { #expect(answer.text.contains("read-only")) }
            }
            #expect(try await client.send("GET", "manifests/latest", Era.oci.pullHeaders).status == 200)
        }
    }

    @Test("an image whose layer needs recompression is left out of the list for an engine")
    func list() async throws {
        let tree = try ScratchTree()
        let layer = try Testdata.bytes("layers/plain.tar.zst")
        let configuration = Array(#"{"architecture":"arm64","os":"linux"}"#.utf8)
        let text = String(decoding: TestManifest.image(configuration, layers: [layer]).bytes, as: UTF8.self)
        let zstd = TestManifest(mediaType: TestManifest.ociManifest, text.replacing("tar+gzip", with: "tar+zstd"))
        try await ConformanceTarget.withOwn(root: tree.path) { port in
            let client = RegistryClient(port: port, repository: "a/b")
            for blob in [configuration, layer] { try await client.push(blob: blob) }
            let images = [zstd, try await client.image("amd64")]
            for image in images { try await client.push(image, as: image.digest.description) }
            #expect(try await client.push(TestManifest.index(images), as: "latest").status == 201)
        }
        try await ConformanceTarget.withOwn(root: tree.path, isReadOnly: true) { port in
            let client = RegistryClient(port: port, repository: "a/b")
            let answer = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
            let list = try Manifest(parsing: answer.body, contentType: .manifestList)
            let child = try #require(list.manifests.first)
            #expect(list.manifests.count == 1)
            let image = try await client.send("GET", "manifests/\(child.descriptor.digest)", Era.schema2.pullHeaders)
            let layers = try Manifest(parsing: image.body, contentType: .schema2).layers
            #expect(layers.map(\.digest) == [Digest(.sha256, of: Array("layer amd64".utf8))])
        }
    }
}
