import Conversion
import Foundation
import ImageModel
import SystemLibraries
import Testing

/// Indexes, artifacts and layers of every kind, for clients that do not support them.
@Suite struct IndexServiceTests {
    /// Pushes an index of an arm64 and an amd64 image and an attestation, and returns the digests of its parts.
    private static func pushIndex(_ client: RegistryClient) async throws -> [(platform: String, digest: Digest)] {
        var parts: [(platform: String, digest: Digest)] = []
        var entries: [String] = []
        for architecture in ["arm64", "amd64", "unknown"] {
            let image = try await client.image(architecture)
            try await client.push(image, as: image.digest.description)
            parts.append((architecture, image.digest))
            entries.append(
                """
                {"mediaType":"\(image.mediaType)","digest":"\(image.digest)","size":\(image.bytes.count),\
                "platform":{"architecture":"\(architecture)","os":"\(architecture == "unknown" ? "unknown" : "linux")"}}
                """
            )
        }
        let index = TestManifest(
            mediaType: TestManifest.ociIndex,
            #"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#
        )
        #expect(try await client.push(index, as: "latest").status == 201)
        return parts
    }

    @Test("Docker 1.12 gets a list of schema2 images, all of which it can pull")
    func list() async throws {
        try await ConformanceTarget.withRepository { client in
            let parts = try await Self.pushIndex(client)
            let answer = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
            #expect(answer["content-type"] == MediaType.manifestList.description)
            let list = try Manifest(parsing: answer.body, contentType: .manifestList)
            #expect(list.manifests.map(\.platform?.architecture) == ["arm64", "amd64"])
            for (entry, part) in zip(list.manifests, parts) {
                #expect(entry.descriptor.mediaType == .schema2)
                let digest = entry.descriptor.digest
                let child = try await client.send("GET", "manifests/\(digest)", Era.schema2.pullHeaders)
                #expect(child["content-type"] == MediaType.schema2.description)
                #expect(Digest(.sha256, of: child.body) == digest)
                let stored = try await client.send("GET", "manifests/\(part.digest)")
                let original = try Manifest(parsing: stored.body, contentType: .ociManifest)
                let derived = try Manifest(parsing: child.body, contentType: .schema2)
                #expect(derived.layers.map(\.digest) == original.layers.map(\.digest))
            }
            let digest = try #require(answer["docker-content-digest"])
            #expect(try await client.send("GET", "manifests/\(digest)").body == answer.body)
        }
    }

    @Test("an unavailable image is left out of the list, so that no client gets another's")
    func brokenEntry() async throws {
        try await ConformanceTarget.withRepository { client in
            let broken = [0x28, 0xB5, 0x2F, 0xFD] + Array("no frame of zstd".utf8)
            let configuration = Array(#"{"architecture":"arm64","os":"linux"}"#.utf8)
            for blob in [broken, configuration] { try await client.push(blob: blob) }
            let text = String(decoding: TestManifest.image(configuration, layers: [broken]).bytes, as: UTF8.self)
            let images = [
                TestManifest(mediaType: TestManifest.ociManifest, text.replacing("tar+gzip", with: "tar+zstd")),
                try await client.image("amd64"),
            ]
            for image in images { try await client.push(image, as: image.digest.description) }
            let entries = zip(images, ["arm64", "amd64"]).map { image, architecture in
                """
                {"mediaType":"\(image.mediaType)","digest":"\(image.digest)","size":\(image.bytes.count),\
                "platform":{"architecture":"\(architecture)","os":"linux"}}
                """
            }
            let index = TestManifest(
                mediaType: TestManifest.ociIndex,
                #"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#
            )
            #expect(try await client.push(index, as: "latest").status == 201)
            let answer = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
            let list = try Manifest(parsing: answer.body, contentType: .manifestList)
            #expect(list.manifests.map(\.platform?.architecture) == ["amd64"])
        }
    }

    @Test("an image left out as damaged is in the list once it is repaired")
    func mendedEntry() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "app")
                let digest = try #require(try await Self.pushIndex(client).first).digest
                let path = "\(root)/docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data"
                let sound = try #require(TestFiles.default.contents(atPath: path))
                func platforms() async throws -> [String?] {
                    let answer = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
                    let list = try Manifest(parsing: answer.body, contentType: .manifestList)
                    let byDigest = try #require(answer["docker-content-digest"])
                    #expect(try await client.send("GET", "manifests/\(byDigest)").body == answer.body)
                    return list.manifests.map(\.platform?.architecture)
                }
                try TestFiles.default.write(sound.prefix(20), toPath: path)
                for _ in 0..<2 { #expect(try await platforms() == ["amd64"]) }
                try TestFiles.default.write(sound, toPath: path)
                for _ in 0..<2 { #expect(try await platforms() == ["arm64", "amd64"]) }
            }
        }
    }

    @Test("a pushed index may refer to derived manifests, which then belong to the repository")
    func derivedChildren() async throws {
        try await ConformanceTarget.withRepository { client in
            _ = try await Self.pushIndex(client)
            let answer = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
            let list = TestManifest(
                mediaType: MediaType.manifestList.description,
                String(decoding: answer.body + Array(" ".utf8), as: UTF8.self)
            )
            let children = try Manifest(parsing: list.bytes, contentType: .manifestList).manifests.map(
                \.descriptor.digest
            )
            #expect(try await client.push(list, as: "copied").status == 201)
            #expect(try await client.send("DELETE", "manifests/latest").status == 202)
            #expect(try await client.send("GET", "manifests/copied").body == list.bytes)
            for child in children {
                let answer = try await client.send("GET", "manifests/\(child)")
                #expect(Digest(.sha256, of: answer.body) == child)
            }
        }
    }

    @Test("the gzip of a zstd layer is deleted with that and its manifest, unless a pushed manifest refers to it")
    func transcodedLayer() async throws {
        try await ConformanceTarget.withRepository { client in
            let layer = try Testdata.bytes("layers/plain.tar.zst")
            let configuration = Array(#"{"architecture":"amd64","os":"linux"}"#.utf8)
            let text = String(decoding: TestManifest.image(configuration, layers: [layer]).bytes, as: UTF8.self)
            let image = TestManifest(mediaType: TestManifest.ociManifest, text.replacing("tar+gzip", with: "tar+zstd"))
            for part in ["blobs/\(Digest(.sha256, of: layer))", "manifests/\(image.digest)"] {
                for blob in [layer, configuration] { try await client.push(blob: blob) }
                #expect(try await client.push(image, as: "latest").status == 201)
                let answer = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
                let gzip = try #require(Manifest(parsing: answer.body, contentType: .schema2).layers.first?.digest)
                #expect(try await client.send("HEAD", "blobs/\(gzip)").status == 200)
                #expect(try await client.send("DELETE", part).status == 202)
                #expect(try await client.send("GET", "blobs/\(gzip)").status == 404)
                #expect(try await client.send("HEAD", "blobs/\(gzip)").status == 404)
            }
            for blob in [layer, configuration] { try await client.push(blob: blob) }
            #expect(try await client.push(image, as: "latest").status == 201)
            let answer = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
            let gzip = try #require(Manifest(parsing: answer.body, contentType: .schema2).layers.first?.digest)
            let again = TestManifest(mediaType: MediaType.schema2.description, answer.text)
            #expect(try await client.push(again, as: "again").status == 201)
            #expect(try await client.send("DELETE", "manifests/\(image.digest)").status == 202)
            #expect(try await client.send("GET", "manifests/again", Era.schema2.pullHeaders).body == again.bytes)
            #expect(try await client.send("GET", "blobs/\(gzip)").status == 200)
        }
    }

    @Test("a client that supports only single images gets that of linux/amd64", arguments: [Era.schema1, .schema2])
    func platform(era: Era) async throws {
        try await ConformanceTarget.withRepository { client in
            _ = try await Self.pushIndex(client)
            let headers = era == .schema2 ? [("Accept", MediaType.schema2.description)] : era.pullHeaders
            let answer = try await client.send("GET", "manifests/latest", headers)
            #expect(answer.status == 200)
            let manifest = try Manifest(parsing: answer.body, contentType: nil)
            if let schema1 = manifest.schema1 {
                #expect(schema1.architecture == "amd64")
                #expect(schema1.layers == [Digest(.sha256, of: Array("layer amd64".utf8))])
            } else {
                #expect(manifest.kind == .schema2)
                #expect(manifest.layers.map(\.digest) == [Digest(.sha256, of: Array("layer amd64".utf8))])
            }
            let digest = try #require(answer["docker-content-digest"])
            #expect(try await client.send("DELETE", "manifests/\(digest)").status == 202)
            #expect(try await client.send("GET", "manifests/latest").status == 404)
        }
    }

    @Test("an artifact is 404 with the reason for clients of images only, and served to all others")
    func artifact() async throws {
        try await ConformanceTarget.withRepository { client in
            let configuration = Array("{}".utf8)
            try await client.push(blob: configuration)
            let artifact = TestManifest(
                mediaType: TestManifest.ociManifest,
                """
                {"schemaVersion":2,"mediaType":"\(TestManifest.ociManifest)","artifactType":"application/x-sbom",\
                "config":{"mediaType":"application/vnd.oci.empty.v1+json",\
                "digest":"\(Digest(.sha256, of: configuration))","size":2},"layers":[]}
                """
            )
            #expect(try await client.push(artifact, as: "latest").status == 201)
            for era in [Era.schema1, .schema2] {
                let answer = try await client.send("GET", "manifests/latest", era.pullHeaders)
                #expect(answer.status == 404)
                #expect(answer.text.contains("application/x-sbom"))
            }
            #expect(try await client.send("GET", "manifests/latest", Era.oci.pullHeaders).body == artifact.bytes)
            #expect(try await client.send("GET", "manifests/latest", [("Accept", "*/*")]).body == artifact.bytes)
        }
    }

    @Test("a foreign layer keeps its URL in schema2, and is refused with the reason in schema1")
    func foreignLayer() async throws {
        try await ConformanceTarget.withRepository { client in
            let configuration = Array(#"{"architecture":"amd64","os":"windows"}"#.utf8)
            try await client.push(blob: configuration)
            let type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
            let image = TestManifest(
                mediaType: TestManifest.ociManifest,
                """
                {"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
                "digest":"\(Digest(.sha256, of: configuration))","size":\(configuration.count)},\
                "layers":[{"mediaType":"\(type)","digest":"\(Digest(.sha256, of: [1]))","size":1,\
                "urls":["http://127.0.0.1/layer"]}]}
                """
            )
            #expect(try await client.push(image, as: "latest").status == 201)
            let schema2 = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
            let layer = try #require(Manifest(parsing: schema2.body, contentType: .schema2).layers.first)
            #expect(layer.mediaType == .dockerForeignLayer && layer.urls == ["http://127.0.0.1/layer"])
            let schema1 = try await client.send("GET", "manifests/latest", Era.schema1.pullHeaders)
            #expect(schema1.status == 404)
            #expect(schema1.text.contains("cannot be expressed in this format"))
        }
    }

    @Test(
        "a zstd layer is gzip for clients older than OCI, with the same DiffID",
        arguments: [Era.schema1, .schema2, .oci]
    )
    func zstd(era: Era) async throws {
        try await ConformanceTarget.withRepository { client in
            let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().appending(path: "testdata/layers")
            let layer = Array(try Data(contentsOf: folder.appending(path: "plain.tar.zst")))
            let diffID = try GoldenImage.diffID(of: layer)
            let configuration = Array(
                #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["\#(diffID)"]}}"#.utf8
            )
            try await client.push(blob: configuration)
            try await client.push(blob: layer)
            let text = String(decoding: TestManifest.image(configuration, layers: [layer]).bytes, as: UTF8.self)
            let image = TestManifest(
                mediaType: TestManifest.ociManifest,
                text.replacing("layer.v1.tar+gzip", with: "layer.v1.tar+zstd")
            )
            #expect(try await client.push(image, as: "latest").status == 201)
            #expect(try await client.pull("latest", by: era).diffIDs == [diffID])
            let answer = try await client.send("GET", "manifests/latest", era.pullHeaders)
            let manifest = try Manifest(parsing: answer.body, contentType: nil)
            let named = try #require(manifest.schema1?.layers.first ?? manifest.layers.first?.digest)
            #expect((named == Digest(.sha256, of: layer)) == (era == .oci))
            let blob = try await client.send("GET", "blobs/\(named)").body
            #expect(Compression.detected(inPrefix: blob) == (era == .oci ? .zstd : .gzip))
        }
    }
}
