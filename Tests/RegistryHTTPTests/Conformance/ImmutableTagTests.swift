import ImageModel
import RegistryCore
import SystemLibraries
import Testing

@Suite("A tag that a rule makes immutable")
struct ImmutableTagTests {
    private static let rules = TagRules.Content(
        immutability: [ImmutabilityRule(repositories: [RepositoryPattern("a/*")], tags: [NamePattern("v*")])]
    )

    /// Runs `body` while a registry with the rule serves an empty directory.
    private func withRules(
        v1: V1Settings = V1Settings(),
        _ body: @Sendable (V2Client, V1Daemon) async throws -> Void
    ) async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open(), v1: v1) { port, registry in
            registry.tagRules.replace(with: Self.rules)
            try await body(V2Client(port: port), V1Daemon(port: port))
        }
    }

    private static func image(_ digit: String) throws -> TestImage {
        TestImage(TestImage.id(digit), layer: try TestLayer.gzip(TestLayer.tar(digit, [1])))
    }

    private static func layers(_ name: String) throws -> [[UInt8]] {
        [try TestLayer.gzip(TestLayer.tar(name, [1]))]
    }

    /// Pushes a manifest again under a tag, and returns the response.
    private func push(_ digest: String, as reference: String, _ client: V2Client) async throws -> TestAnswer {
        let manifest = try await client.get("a/b/manifests/\(digest)")
        return try await exchange(
            "PUT",
            "/v2/a/b/manifests/\(reference)",
            headers: ["Content-Type": manifest["content-type"] ?? ""],
            body: manifest.body,
            port: client.port
        )
    }

    private func digest(_ tag: String, _ client: V2Client) async throws -> String? {
        try await client.get("a/b/manifests/\(tag)")["docker-content-digest"]
    }

    @Test("takes the same manifest again, refuses another with 412 and the rule, and cannot be deleted")
    func v2() async throws {
        try await withRules { client, _ in
            let first = try await client.push("a/b", "v1", layers: Self.layers("1"))
            let second = try await client.push("a/b", "latest", layers: Self.layers("2"))
            #expect(try await push(first, as: "v1", client).status == 201)
            #expect(try await push(first, as: "latest", client).status == 201)
            #expect(try await push(second, as: "latest", client).status == 201)
            for target in ["v1", "other?tag=v1", "\(second)?tag=v1"] {
                let answer = try await push(second, as: target, client)
                #expect(answer.status == 412)
                #expect(answer.text.contains("\"code\":\"DENIED\""))
                #expect(answer.text.contains("the tag v1 is immutable by the rule a/* v*"))
            }
            #expect(try await client.get("a/b/manifests/other").status == 404)
            for reference in ["v1", first] {
                let answer = try await exchange("DELETE", "/v2/a/b/manifests/\(reference)", port: client.port)
                #expect(answer.status == 412)
                #expect(answer.text.contains("a/* v*"))
            }
            #expect(try await digest("v1", client) == first)
            #expect(try await exchange("DELETE", "/v2/a/b/manifests/v2", port: client.port).status == 404)
            #expect(try await exchange("DELETE", "/v2/a/b/manifests/latest", port: client.port).status == 202)
            #expect(try await exchange("DELETE", "/v2/a/b/manifests/\(second)", port: client.port).status == 202)
            // Another repository has no such rule.
            for text in ["1", "2"] { _ = try await client.push("c", "v1", layers: Self.layers(text)) }
        }
    }

    @Test("keeps what it names: entries of its index, and blobs")
    func content() async throws {
        try await withRules { client, _ in
            let child = try await client.push("a/b", "child", layers: Self.layers("1"))
            let size = try await client.get("a/b/manifests/\(child)").body.count
            let list = """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[{"mediaType":\
                "\(MediaType.schema2)","size":\(size),"digest":"\(child)"}]}
                """
            _ = try await client.push(manifest: list, .ociIndex, "a/b", "v1")
            let layer = Digest(.sha256, of: try Self.layers("1")[0]).description
            for path in ["manifests/\(child)", "blobs/\(layer)"] {
                #expect(try await exchange("DELETE", "/v2/a/b/\(path)", port: client.port).status == 412)
                #expect(try await client.get("a/b/\(path)").status == 200)
            }
            let free = Digest(.sha256, of: Array(try await client.push(blob: [1, 2, 3], into: "a/b").utf8))
            #expect(try await exchange("DELETE", "/v2/a/b/blobs/\(free)", port: client.port).status == 404)
            let blob = try await client.push(blob: [1, 2, 3], into: "a/b")
            #expect(try await exchange("DELETE", "/v2/a/b/blobs/\(blob)", port: client.port).status == 202)
        }
    }

    @Test(
        "takes the same v1 image again, refuses another with 409, and cannot be deleted, not even with its repository"
    )
    func v1() async throws {
        try await withRules { client, daemon in
            let images = [try Self.image("1"), try Self.image("2")]
            for image in images { #expect(try await daemon.push(image) == [200, 200, 200]) }
            for tag in ["v1", "latest", "v:1"] {
                #expect(try await daemon.tag("a/b", tag, images[0].id) == 200)
                #expect(try await daemon.tag("a/b", tag, images[0].id) == 200)
            }
            let before = try await digest("v1", client)
            #expect(before != nil)
            for tag in ["v1", "v:1"] {
                let path = "repositories/a/b/tags/\(tag)"
                let answer = try await daemon.put(path, Array("\"\(images[1].id)\"".utf8))
                #expect(answer.status == 409)
                #expect(answer.text.contains("Tag \(tag) is immutable by the rule a/* v*"))
                #expect(try await daemon.delete(path).status == 409)
                #expect(try await daemon.get(path).text == "\"\(images[0].id)\"")
            }
            for path in ["", "tags"] { #expect(try await daemon.delete("repositories/a/b/\(path)").status == 409) }
            #expect(try await daemon.get("repositories/a/b/tags/latest").text == "\"\(images[0].id)\"")
            #expect(try await digest("v1", client) == before)
            #expect(try await daemon.tag("a/b", "latest", images[1].id) == 200)
            #expect(try await daemon.delete("repositories/a/b/tags/latest").status == 200)
        }
    }

    @Test("binds each protocol to what the other has set")
    func both() async throws {
        try await withRules { client, daemon in
            let images = [try Self.image("1"), try Self.image("2")]
            for image in images { #expect(try await daemon.push(image) == [200, 200, 200]) }
            #expect(try await daemon.tag("a/b", "v1", images[0].id) == 200)
            let first = try #require(try await digest("v1", client))
            let second = try await client.push("a/b", "v2", layers: Self.layers("2"))
            #expect(try await push(first, as: "v1", client).status == 201)
            #expect(try await push(second, as: "v1", client).status == 412)
            #expect(try await daemon.get("repositories/a/b/tags/v1").text == "\"\(images[0].id)\"")
            let projected = try await daemon.get("repositories/a/b/tags/v2").text.filter { $0 != "\"" }
            #expect(try await daemon.tag("a/b", "v2", projected) == 200)
            #expect(try await daemon.tag("a/b", "v2", images[1].id) == 409)
            #expect(try await digest("v2", client) == second)
        }
    }

    @Test("binds v2 to a v1 image that is not converted")
    func unconverted() async throws {
        try await withRules(v1: V1Settings(conversion: .off)) { client, daemon in
            let image = try Self.image("1")
            #expect(try await daemon.push(image) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "v1", image.id) == 200)
            let other = try await client.push("a/b", "latest", layers: Self.layers("2"))
            #expect(try await push(other, as: "v1", client).status == 412)
            #expect(try await daemon.get("repositories/a/b/tags/v1").text == "\"\(image.id)\"")
        }
    }

    @Test("is never pushed to twice by pushes at the same time")
    func race() async throws {
        try await withRules { client, _ in
            var digests: [String] = []
            for number in 0..<6 {
                digests.append(try await client.push("a/b", "t\(number)", layers: Self.layers("\(number)")))
            }
            let statuses = try await withThrowingTaskGroup(of: (String, Int).self) { group in
                for digest in digests { group.addTask { (digest, try await push(digest, as: "v1", client).status) } }
                return try await group.reduce(into: [String: Int]()) { $0[$1.0] = $1.1 }
            }
            let winners = statuses.filter { $0.value == 201 }.map(\.key)
            #expect(winners.count == 1)
            #expect(statuses.values.filter { $0 == 412 }.count == 5)
            #expect(try await digest("v1", client) == winners.first)
        }
    }
}
