import Conversion
import Foundation
import ImageModel
import RegistryCore
import Storage
import SystemLibraries
import Testing

/// Manifests that were derived, not pushed: where they are visible, and for how long.
@Suite struct DerivedManifestServiceTests {
    private static let schema2 = [("Accept", MediaType.schema2.description)]

    /// Pushes the golden image as OCI and returns the digest of its schema2 form.
    private static func derive(_ client: RegistryClient) async throws -> String {
        try await client.push(GoldenImage(), by: .oci)
        let answer = try await client.send("GET", "manifests/latest", Self.schema2)
        #expect(answer["content-type"] == MediaType.schema2.description)
        return try #require(answer["docker-content-digest"])
    }

    @Test("a derived manifest exists by its digest, only in its repository, without a tag or a revision")
    func byDigest() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "a/b")
                let digest = try await Self.derive(client)
                #expect(try await client.send("HEAD", "manifests/\(digest)").status == 200)
                #expect(try await client.repository("a/c").send("HEAD", "manifests/\(digest)").status == 404)
                let tags = try await client.send("GET", "tags/list")
                #expect(try JSONValue(parsing: tags.body)["tags"]?.array == [.string("latest")])
                let hex = digest.dropFirst(7)
                let path = "\(root)/docker/registry/v2/repositories/a/b/_manifests/revisions/sha256/\(hex)"
                #expect(!TestFiles.default.fileExists(atPath: path))
            }
        }
    }

    @Test("a slow derivation is 503 until it is ready, for all clients, and blocks no connection")
    func waits() async throws {
        let tree = try ScratchTree()
        let gated = GatedStorage(try await tree.open()) { key in
            key.description.hasPrefix("docker/registry/v2/blobs/") && key.description.hasSuffix("/data")
        }
        try await withRegistry(over: gated, v1: V1Settings(conversionWait: .milliseconds(50))) { port, _ in
            let client = RegistryClient(port: port, repository: "a/b")
            try await client.push(GoldenImage(), by: .schema1)
            for _ in 0..<3 {
                let refused = try await client.send("GET", "manifests/latest", Self.schema2)
                #expect(refused.status == 503 && refused["retry-after"] != nil)
                #expect(try await client.send("GET", absolute: "/v2/").status == 200)
            }
            gated.open()
            try await poll { try await client.send("GET", "manifests/latest", Self.schema2).status == 200 }
        }
    }

    @Test("it disappears with its source")
    func followsItsSource() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await Self.derive(client)
            let source = try GoldenImage().modern(isDocker: false).digest
            #expect(try await client.send("DELETE", "manifests/\(source)").status == 202)
            #expect(try await client.send("GET", "manifests/\(digest)").status == 404)
            #expect(try await client.send("GET", "manifests/latest", Self.schema2).status == 404)
        }
    }

    @Test("deleting it deletes its source, and the tag")
    func deletes() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await Self.derive(client)
            let source = try GoldenImage().modern(isDocker: false).digest
            #expect(try await client.send("DELETE", "manifests/\(digest)").status == 202)
            #expect(try await client.send("GET", "manifests/\(source)").status == 404)
            #expect(try await client.send("GET", "manifests/latest").status == 404)
            #expect(try await client.send("DELETE", "manifests/\(digest)").status == 404)
        }
    }

    @Test("one derived from several manifests exists as long as one of them, and deleting it deletes all")
    func shared() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await Self.derive(client)
            let image = try GoldenImage()
            let layers = image.layers.reversed().map(\.bytes)
            let other = TestManifest.image(image.configuration, layers: layers, annotations: #"{"a":"b"}"#)
            for isShown in [false, true] {
                #expect(try await client.push(other, as: "other").status == 201)
                let answer = try await client.send("HEAD", "manifests/other", Self.schema2)
                #expect(answer["docker-content-digest"] == digest)
                let removed = isShown ? digest : other.digest.description
                #expect(try await client.send("DELETE", "manifests/\(removed)").status == 202)
                let status = isShown ? 404 : 200
                let source = image.modern(isDocker: false).digest.description
                for reference in [digest, source, "latest"] {
                    #expect(try await client.send("GET", "manifests/\(reference)", Self.schema2).status == status)
                }
                #expect(try await client.send("GET", "manifests/other").status == 404)
            }
        }
    }

    @Test("deleting it deletes the list it was derived through, and no other that refers to the same image")
    func sharedEntry() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("x")
            try await client.push(image, as: image.digest.description)
            let list = TestManifest.index([image])
            let lists = [
                list, TestManifest(mediaType: list.mediaType, String(decoding: list.bytes, as: UTF8.self) + " "),
            ]
            for (tag, list) in zip(["one", "two"], lists) {
                #expect(try await client.push(list, as: tag).status == 201)
            }
            let shown = try await client.send("HEAD", "manifests/two", Self.schema2)
            let digest = try #require(shown["docker-content-digest"])
            #expect(try await client.send("DELETE", "manifests/\(digest)").status == 202)
            #expect(try await client.send("GET", "manifests/two").status == 404)
            #expect(try await client.send("GET", "manifests/one").body == list.bytes)
            #expect(try await client.send("GET", "manifests/\(digest)").status == 404)
            // What was derived through one is also available through the other.
            #expect(try await client.push(lists[1], as: "two").status == 201)
            for tag in ["one", "two"] {
                let answer = try await client.send("HEAD", "manifests/\(tag)", Self.schema2)
                #expect(answer["docker-content-digest"] == digest)
            }
            #expect(try await client.send("DELETE", "manifests/\(lists[1].digest)").status == 202)
            #expect(try await client.send("GET", "manifests/\(digest)").status == 200)
        }
    }

    @Test("schema1 has the chain of the v1 image that its tag points to now, though another had the same manifest")
    func changedTag() async throws {
        let tree = try ScratchTree()
        let layer = try TestLayer.gzip(TestLayer.tar("a", [1]))
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let client = RegistryClient(port: port, repository: "a/b")
            var digests: Set<String> = []
            for id in ["a1", "b2", "a1"].map(TestImage.id) {
                #expect(try await daemon.push(TestImage(id, layer: layer)).allSatisfy { $0 == 200 })
                #expect(try await daemon.tag("a/b", "t", id) == 200)
                let answer = try await client.send("GET", "manifests/t", Era.schema1.pullHeaders)
                let history = try #require(try Manifest(parsing: answer.body, contentType: nil).schema1).history
                #expect(try V1Image(parsing: Array(history[0].utf8)).id.description == id)
                let modern = try await client.send("HEAD", "manifests/t", Self.schema2)
                digests.insert(try #require(modern["docker-content-digest"]))
            }
            #expect(digests.count == 1)
        }
    }

    @Test("all derived content can be deleted, and is recreated with the same digests")
    func cache() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "a/b")
                let digest = try await Self.derive(client)
                try TestFiles.default.removeItem(atPath: "\(root)/longshore/derived")
                #expect(try await client.send("HEAD", "manifests/\(digest)").status == 404)
                let again = try await client.send("HEAD", "manifests/latest", Self.schema2)
                #expect(again["docker-content-digest"] == digest)
                #expect(try await client.send("HEAD", "manifests/\(digest)").status == 200)
            }
        }
    }

    @Test("twenty simultaneous clients get one signature")
    func once() async throws {
        try await ConformanceTarget.withRepository { client in
            try await client.push(GoldenImage(), by: .schema2)
            let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<20 {
                    group.addTask { try await client.send("GET", "manifests/latest", Era.schema1.pullHeaders).body }
                }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(bodies.count == 1)
        }
    }

    @Test("the key is created once, and readable only by its owner")
    func key() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "a/b")
                try await client.push(GoldenImage(), by: .schema2)
                _ = try await client.send("GET", "manifests/latest", Era.schema1.pullHeaders)
            }
            let path = "\(root)/longshore/key.pem"
            // In a bucket, permissions apply to the whole bucket.
            if !TestStore.isBucket {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            let key = try P256PrivateKey(pem: Array(try #require(TestFiles.default.contents(atPath: path))))
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "a/b")
                try await client.push(client.image("x"), as: "other")
                let answer = try await client.send("GET", "manifests/other", Era.schema1.pullHeaders)
                #expect(try SignedSchema1(verifying: answer.body).keyIDs == [key.publicKey.keyID])
            }
        }
    }

    @Test("nothing is converted to schema1 when that is switched off")
    func switchedOff() async throws {
        let settings = CompatibilitySettings(offersSchema1: false)
        let configuration = Registry.Configuration(conversionConcurrency: 1, compatibility: settings)
        try await ConformanceTarget.withRepository(configuration: configuration) { client in
            try await client.push(GoldenImage(), by: .schema2)
            let answer = try await client.send("GET", "manifests/latest", Era.schema1.pullHeaders)
            #expect(answer.status == 404)
            #expect(try answer.codes == ["MANIFEST_UNKNOWN"])
        }
    }

    @Test("the empty layer is in every existing repository, and in no other")
    func emptyLayer() async throws {
        try await ConformanceTarget.withRepository { client in
            #expect(try await client.send("HEAD", "blobs/\(EmptyLayer.digest)").status == 404)
            _ = try await client.pushImage("x", tag: "latest")
            let answer = try await client.send("GET", "blobs/\(EmptyLayer.digest)")
            #expect(answer.status == 200 && answer.body == EmptyLayer.bytes)
            #expect(
                try await client.send("GET", "blobs/\(EmptyLayer.digest)", [("Range", "bytes=30-")]).body.count == 2
            )
        }
    }
}
