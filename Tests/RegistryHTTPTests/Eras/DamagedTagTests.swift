import Conversion
import Foundation
import ImageModel
import RegistryCore
import SystemLibraries
import Testing

/// One bad tag, manifest or configuration affects only itself.
@Suite("A damaged tag") struct DamagedTagTests {
    /// A kind of damage to a tag of a v2 image, with the resulting statuses.
    struct Damage: Sendable, CustomTestStringConvertible {
        /// Also the name of the tag.
        let testDescription: String
        /// The status for a client that accepts the stored form.
        var asStored = 200
        /// The status for Docker 1.9, which accepts only schema1.
        var schema1 = 404
        /// The status for v1.
        var v1 = 404
        let apply: @Sendable (Place) throws -> Void
    }

    /// The files of a tag and its image.
    struct Place: Sendable {
        let tree: ScratchTree
        let tag: String
        let image: TestManifest

        private var repository: String { "docker/registry/v2/repositories/\(GoldenImage.repository)/_manifests" }
        var currentLink: String { "\(repository)/tags/\(tag)/current/link" }
        var revisionLink: String { revisionLink(image.digest) }
        var blob: String { Self.blob(image.digest) }
        var configuration: String {
            get throws {
                let manifest = try Manifest(parsing: image.bytes, contentType: nil)
                return Self.blob(try #require(manifest.configuration).digest)
            }
        }

        func revisionLink(_ digest: Digest) -> String { "\(repository)/revisions/sha256/\(digest.hex)/link" }

        static func blob(_ digest: Digest) -> String {
            "docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data"
        }

        func write(_ text: String, to file: String) throws { try tree.write(Array(text.utf8), to: file) }

        func remove(_ file: String) throws { try TestFiles.default.removeItem(atPath: "\(tree.path)/\(file)") }

        func cut(_ file: String) throws {
            let bytes = try #require(tree.bytes(file))
            try tree.write(Array(bytes.prefix(bytes.count / 2)), to: file)
        }

        /// Points the tag to these bytes, as registry:2 would have stored them.
        func store(_ bytes: [UInt8]) throws {
            let digest = Digest(.sha256, of: bytes)
            try tree.write(bytes, to: Self.blob(digest))
            for link in [revisionLink(digest), currentLink] { try write(digest.description, to: link) }
        }

        /// Points the tag to a schema1 manifest of one image.
        func storeSchema1(layer: String, history: String) throws {
            let text = """
                {"schemaVersion":1,"name":"a","tag":"b","fsLayers":[{"blobSum":"\(layer)"}],"history":[\(history)]}
                """
            try store(Array(text.utf8))
        }
    }

    private static let rubbish = "sha256:" + String(repeating: "z", count: 64)

    static let damages = [
        Damage(testDescription: "link-empty", asStored: 503, schema1: 503, v1: 503) { place in
            try place.write("", to: place.currentLink)
        },
        Damage(testDescription: "link-rubbish", asStored: 503, schema1: 503, v1: 503) { place in
            try place.write(rubbish, to: place.currentLink)
        },
        Damage(testDescription: "link-long", asStored: 503, schema1: 503, v1: 503) { place in
            try place.write(String(repeating: "x", count: 5000), to: place.currentLink)
        },
        Damage(testDescription: directoryDamage, asStored: 503, schema1: 503, v1: 503) { place in
            try place.remove(place.currentLink)
            try place.write("", to: place.currentLink + "/link")
        },
        Damage(testDescription: "link-to-nothing", asStored: 404) { place in
            try place.write("sha256:" + String(repeating: "0", count: 64), to: place.currentLink)
        },
        Damage(testDescription: "revision-empty", asStored: 503, schema1: 503, v1: 503) { place in
            try place.write("", to: place.revisionLink)
        },
        Damage(testDescription: "revision-missing", asStored: 404) { place in try place.remove(place.revisionLink) },
        Damage(testDescription: "manifest-empty", asStored: 503, schema1: 503, v1: 503) { place in
            try place.write("", to: place.blob)
        },
        Damage(testDescription: "manifest-cut", asStored: 503, schema1: 503, v1: 503) { place in
            try place.cut(place.blob)
        },
        Damage(testDescription: "manifest-missing", asStored: 404) { place in try place.remove(place.blob) },
        Damage(testDescription: "manifest-no-json", schema1: 200) { place in try place.store(Array("no JSON".utf8)) },
        Damage(testDescription: "manifest-no-object", schema1: 200) { place in try place.store(Array("[]".utf8)) },
        Damage(testDescription: "configuration-large") { place in
            let configuration = [UInt8](repeating: UInt8(ascii: " "), count: 5 << 20) + Array("{}".utf8)
            let digest = Digest(.sha256, of: configuration)
            try place.tree.write(configuration, to: Place.blob(digest))
            let link = "docker/registry/v2/repositories/\(GoldenImage.repository)/_layers/sha256/\(digest.hex)/link"
            try place.write(digest.description, to: link)
            try place.store(TestManifest.image(configuration, layers: []).bytes)
        },
        Damage(testDescription: "configuration-missing") { place in try place.remove(place.configuration) },
        Damage(testDescription: "configuration-empty") { place in try place.write("", to: place.configuration) },
        Damage(testDescription: "configuration-cut") { place in try place.cut(place.configuration) },
        Damage(testDescription: "configuration-no-json") { place in
            let configuration = Array("no JSON".utf8)
            let digest = Digest(.sha256, of: configuration)
            try place.tree.write(configuration, to: Place.blob(digest))
            try place.store(TestManifest.image(configuration, layers: []).bytes)
        },
        Damage(testDescription: "digest-malformed") { place in
            try place.store(
                Array(
                    """
                    {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"digest":"\(rubbish)"}}
                    """.utf8
                )
            )
        },
        Damage(testDescription: "tarsum-to-nothing", asStored: 200, schema1: 200) { place in
            let history = #"{"v1Compatibility":"{\"id\":\"\#(String(repeating: "7", count: 64))\"}"}"#
            try place.storeSchema1(layer: "tarsum.v1+sha256:abcd", history: history)
        },
        Damage(testDescription: "history-empty", asStored: 200, schema1: 200) { place in
            try place.storeSchema1(layer: EmptyLayer.digest.description, history: "{}")
        },
    ]
    .filter { !TestStore.isBucket || $0.testDescription != directoryDamage }

    /// Impossible in a bucket: nothing is stored under the key of a prefix.
    private static let directoryDamage = "link-directory"

    /// Accepts anything.
    private static let anything = [("Accept", "*/*")]

    @Test("is reported for itself, and every sound one is pulled by every era")
    func everything() async throws {
        let golden = try GoldenImage()
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            let client = RegistryClient(port: port, repository: GoldenImage.repository)
            let victim = try await pushSound(golden, client)
            for damage in Self.damages {
                let image = try await client.pushImage(damage.testDescription, tag: damage.testDescription)
                try damage.apply(Place(tree: tree, tag: damage.testDescription, image: image))
            }
            // A recently changed file could still be being written, and would be waited for.
            try tree.age("docker", by: 60)
            try await expectSoundTags(golden, client)
            try await expectDamagedTags(client)
            try await expectLists(client)
            #expect(try await client.send("DELETE", "manifests/\(victim)").status == 202)
            #expect(try await client.send("GET", "manifests/victim", Self.anything).status == 404)
        }
        // The same with a process that finds it so.
        try await withRegistry(over: tree.open()) { port, registry in
            let client = RegistryClient(port: port, repository: GoldenImage.repository)
            try await expectLists(client)
            try await expectSoundTags(golden, client)
            try await expectDamagedTags(client)
            try await expectRestrictedCallersSeeSoundImages(client, registry)
        }
    }

    @Test("is repaired by a push, through either protocol", arguments: damages)
    func mended(damage: Damage) async throws {
        // A directory in place of a file must be removed by the operator.
        guard damage.testDescription != "link-directory" else { return }
        let golden = try GoldenImage()
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            let client = RegistryClient(port: port, repository: GoldenImage.repository)
            let image = try await client.pushImage("text", tag: "latest")
            let place = Place(tree: tree, tag: "latest", image: image)
            try damage.apply(place)
            try tree.age("docker", by: 60)
            let again = try await client.pushImage("text", tag: "latest")
            #expect(try await client.send("GET", "manifests/latest", Self.anything).body == again.bytes)
            try await client.expect(200, "GET", "/v1/repositories/\(client.repository)/tags/latest")
            try damage.apply(place)
            try tree.age("docker", by: 60)
            try await client.push(golden, by: .v1)
            let pulled = try await client.pull("latest", by: .schema2)
            #expect(pulled.diffIDs.count == golden.layers.count)
        }
    }

    /// Expects that a caller with restricted read access sees a v1 image through the tags that contain it.
    private func expectRestrictedCallersSeeSoundImages(_ client: RegistryClient, _ registry: Registry) async throws {
        for tag in ["latest", "docker", "oci", "old"] {
            let answer = try await client.send("GET", absolute: "/v1/repositories/\(client.repository)/tags/\(tag)")
            let id = try V1ImageID(parsing: answer.text.filter { $0 != "\"" })
            #expect(try await registry.holders.access(to: id) { _ in true } != nil, "\(tag)")
        }
    }

    /// Pushes an image by every era into one repository, and returns the digest of one more.
    private func pushSound(_ image: GoldenImage, _ client: RegistryClient) async throws -> Digest {
        try await client.push(image, by: .v1)
        let top = try #require(try image.ids().first)
        let tag = "/v1/repositories/\(client.repository)/tags/old"
        try await client.expect(200, "PUT", tag, Era.v1.pullHeaders, Array("\"\(top)\"".utf8))
        try await client.push(image, by: .schema1)
        for isDocker in [true, false] {
            try await client.push(blob: image.configuration)
            let answer = try await client.push(image.modern(isDocker: isDocker), as: isDocker ? "docker" : "oci")
            #expect(answer.status == 201)
        }
        return try await client.pushImage("victim", tag: "victim").digest
    }

    private func expectSoundTags(_ image: GoldenImage, _ client: RegistryClient) async throws {
        for tag in ["latest", "docker", "oci", "old"] {
            for era in Era.allCases {
                let pulled = try await client.pull(tag, by: era)
                // Old images have layers without files, which some eras leave out.
                #expect(Set(try image.diffIDs()).isSuperset(of: pulled.diffIDs.filter { $0 != Self.emptyDiffID }))
                #expect(!pulled.diffIDs.isEmpty, "\(tag) by \(era)")
            }
        }
    }

    /// The digest of a tar without files.
    private static let emptyDiffID = Digest(.sha256, of: [UInt8](repeating: 0, count: 1024)).description

    private func expectDamagedTags(_ client: RegistryClient) async throws {
        for damage in Self.damages {
            let tag = damage.testDescription
            for method in ["HEAD", "GET"] {
                let stored = try await client.send(method, "manifests/\(tag)", Self.anything)
                #expect(stored.status == damage.asStored, "\(method) \(tag): \(stored.text)")
                let schema1 = try await client.send(method, "manifests/\(tag)", Era.schema1.pullHeaders)
                #expect(schema1.status == damage.schema1, "\(method) \(tag): \(schema1.text)")
            }
            let v1 = try await client.send("GET", absolute: "/v1/repositories/\(client.repository)/tags/\(tag)")
            #expect(v1.status == damage.v1, "v1 \(tag): \(v1.text)")
        }
    }

    private func expectLists(_ client: RegistryClient) async throws {
        let tags = try await client.expect(200, "GET", "/v1/repositories/\(client.repository)/tags")
        let names = try #require(try JSONValue(parsing: tags.body).object).map(\.key)
        #expect(Set(names).isSuperset(of: ["latest", "docker", "oci", "old"]))
        #expect(Set(names).isDisjoint(with: Self.damages.map(\.testDescription)))
        try await client.expect(200, "GET", "/v1/repositories/\(client.repository)/images")
        let list = try await client.expect(200, "GET", "/v2/\(client.repository)/tags/list")
        #expect(try list.json["tags"]?.array?.compactMap(\.string).contains("oci") == true)
        let catalogue = try await client.expect(200, "GET", "/v2/_catalog")
        #expect(try catalogue.json["repositories"]?.array?.compactMap(\.string) == [client.repository])
        let search = try await client.expect(200, "GET", "/v1/search?q=multiwh")
        #expect(search.text.contains(client.repository))
        let subject = "sha256:" + String(repeating: "5", count: 64)
        try await client.expect(200, "GET", "/v2/\(client.repository)/referrers/\(subject)")
    }
}
