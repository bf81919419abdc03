import ImageModel
import SystemLibraries
import Testing

/// OCI Distribution Specification, "Pushing Manifests".
@Suite struct ManifestPushConformanceTests {
    @Test("a manifest is pushed under a tag", arguments: ["latest", "1.0", "_x", String(repeating: "t", count: 128)])
    func byTag(tag: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("by tag")
            let answer = try await client.push(image, as: tag)
            #expect(answer.status == 201)
            #expect(answer["docker-content-digest"] == image.digest.description)
            let location = try #require(answer["location"])
            #expect(location.hasSuffix("/manifests/\(image.digest)"))
            #expect(try await client.send("GET", absolute: location).body == image.bytes)
        }
    }

    @Test("a manifest is pushed under its digest, with each algorithm", arguments: Digest.Algorithm.allCases)
    func byDigest(algorithm: Digest.Algorithm) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("by digest")
            let digest = Digest(algorithm, of: image.bytes)
            let answer = try await client.push(image, as: digest.description)
            #expect(answer.status == 201)
            #expect(answer["docker-content-digest"] == digest.description)
            let pulled = try await client.send("GET", "manifests/\(digest)")
            #expect(pulled.body == image.bytes)
            #expect(pulled["docker-content-digest"] == digest.description)
            #expect(try await client.send("GET", "tags/list").strings("tags").isEmpty)
        }
    }

    @Test("a manifest that does not match the digest is 400")
    func wrongDigest() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("wrong digest")
            let answer = try await client.push(image, as: Digest(.sha256, of: []).description)
            #expect(answer.status == 400)
            #expect(try answer.codes == ["DIGEST_INVALID"])
        }
    }

    @Test(
        "one push under a digest sets several tags",
        .enabled(if: ConformanceTarget.isOwn, "the specification's development version has it"),
        arguments: Digest.Algorithm.allCases
    )
    func severalTags(algorithm: Digest.Algorithm) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("several tags")
            let digest = Digest(algorithm, of: image.bytes)
            let tags = (0..<12).map { "1.\($0)" }
            let query = "?" + tags.map { "tag=\($0)" }.joined(separator: "&")
            let answer = try await client.push(image, as: digest.description, query: query)
            #expect(answer.status == 201)
            let named = answer.headers.filter { $0.name == "oci-tag" }.flatMap { $0.value.split(separator: ",") }
            #expect(named.map { $0.drop { $0 == " " } } == tags.map { Substring($0) })
            for tag in tags {
                let head = try await client.send("HEAD", "manifests/\(tag)")
                #expect(head["docker-content-digest"] == digest.description)
            }
        }
    }

    @Test(
        "a push under a tag can set others too",
        .enabled(if: ConformanceTarget.isOwn, "the specification has that of pushes under a digest alone")
    )
    func tagAndOthers() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("tag and others")
            let answer = try await client.push(image, as: "first", query: "?tag=second&tag=third")
            #expect(answer.status == 201)
            #expect(try await client.send("GET", "tags/list").strings("tags") == ["first", "second", "third"])
            for tag in ["first", "second", "third"] {
                #expect(try await client.send("GET", "manifests/\(tag)").body == image.bytes)
            }
        }
    }

    @Test(
        "an invalid tag stops a push of several",
        .enabled(if: ConformanceTarget.isOwn, "the specification's development version has pushes of several")
    )
    func malformedTag() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("malformed tag")
            let query = "?tag=good&tag=-bad&tag=.worse"
            let answer = try await client.push(image, as: image.digest.description, query: query)
            #expect(answer.status == 400)
            #expect(try answer.codes == ["TAG_INVALID", "TAG_INVALID"])
            #expect(try await client.send("GET", "manifests/good").status == 404)
        }
    }

    @Test("a tag can be moved to another manifest")
    func replacedTag() async throws {
        try await ConformanceTarget.withRepository { client in
            let first = try await client.pushImage("first", tag: "latest")
            let second = try await client.pushImage("second", tag: "latest")
            #expect(try await client.send("GET", "manifests/latest").body == second.bytes)
            #expect(try await client.send("GET", "manifests/\(first.digest)").body == first.bytes)
        }
    }

    @Test("every missing blob has its own entry among the errors")
    func missingBlobs() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = TestManifest.image(Array("{}".utf8), layers: [[1], [2]])
            let answer = try await client.push(image, as: "latest")
            #expect(answer.status == 400)
            #expect(try answer.codes == Array(repeating: "MANIFEST_BLOB_UNKNOWN", count: 3))
            #expect(try await client.send("GET", "manifests/latest").status == 404)
        }
    }

    @Test("an index whose manifests exist is accepted, and others are refused")
    func index() async throws {
        try await ConformanceTarget.withRepository { client in
            let child = try await client.image("child")
            let index = TestManifest.index([child])
            let refused = try await client.push(index, as: "latest")
            #expect(try refused.codes == ["MANIFEST_BLOB_UNKNOWN"])
            try await client.push(child, as: child.digest.description)
            #expect(try await client.push(index, as: "latest").status == 201)
            let answer = try await client.send("GET", "manifests/latest", [("Accept", TestManifest.ociIndex)])
            #expect(answer.body == index.bytes)
            #expect(answer["content-type"] == TestManifest.ociIndex)
        }
    }

    @Test("an invalid manifest is 400", arguments: ["", "{", "[]", "{\"schemaVersion\":2}", "null"])
    func malformed(text: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let manifest = TestManifest(mediaType: TestManifest.ociManifest, text)
            let answer = try await client.push(manifest, as: "latest")
            #expect(answer.status == 400)
            if ConformanceTarget.isOwn { #expect(try answer.codes == ["MANIFEST_INVALID"]) }
        }
    }

    @Test("a manifest declared as another type is 400")
    func wrongType() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("wrong type")
            let type = [("Content-Type", TestManifest.ociIndex)]
            #expect(try await client.send("PUT", "manifests/latest", type, image.bytes).status == 400)
        }
    }

    @Test("a manifest of four megabytes is accepted, and a larger one is 413, unless that is accepted too")
    func size() async throws {
        try await ConformanceTarget.withRepository { client in
            let configuration = Array("{}".utf8)
            try await client.push(blob: configuration)
            let empty = TestManifest.image(configuration, layers: [], annotations: "{\"text\":\"\"}")
            for (excess, statuses) in [(0, [201]), (1, ConformanceTarget.statuses(413, elsewhere: 201))] {
                let text = String(repeating: "a", count: (4 << 20) - empty.bytes.count + excess)
                let large = TestManifest.image(configuration, layers: [], annotations: "{\"text\":\"\(text)\"}")
                #expect(statuses.contains(try await client.push(large, as: "large").status))
            }
        }
    }

    @Test(
        "a push under a tag can depend on what the tag points to",
        .enabled(if: ConformanceTarget.isOwn, "conditional pushes are no duty")
    )
    func conditions() async throws {
        try await ConformanceTarget.withRepository { client in
            let first = try await client.image("first")
            let second = try await client.image("second")
            func put(_ image: TestManifest, _ name: String, _ value: String) async throws -> Int {
                let headers = [("Content-Type", image.mediaType), (name, value)]
                return try await client.send("PUT", "manifests/latest", headers, image.bytes).status
            }
            for value in ["*", "\"no digest\"", "\"\(first.digest)\"", "\"\""] {
                #expect(try await put(first, "If-Match", value) == 412)
            }
            #expect(try await put(first, "If-None-Match", "*") == 201)
            #expect(try await put(second, "If-None-Match", "*") == 412)
            #expect(try await put(second, "If-Match", "\"\(second.digest)\"") == 412)
            #expect(try await put(second, "If-Match", "\"no digest\"") == 412)
            #expect(try await put(second, "If-None-Match", "\"no digest\", \"\(first.digest)\"") == 412)
            #expect(try await put(second, "If-Match", "\"no digest\", \"\(first.digest)\"") == 201)
            #expect(try await put(first, "If-None-Match", "\"no digest\"") == 201)
            #expect(try await put(second, "If-Match", "*") == 201)
        }
    }
}
