import ImageModel
import SystemLibraries
import Testing

/// OCI Distribution Specification, "Pushing blobs" and "Mounting a blob from another repository".
@Suite struct BlobPushConformanceTests {
    private static let content = Array("the content of a blob".utf8)

    @Test("POST and PUT create a blob, under each algorithm", arguments: Digest.Algorithm.allCases)
    func monolithic(algorithm: Digest.Algorithm) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = Digest(algorithm, of: Self.content)
            let answer = try await client.finish(try await client.begin(), digest, Self.content)
            #expect(answer.status == 201)
            #expect(answer["docker-content-digest"] == digest.description)
            let location = try #require(answer["location"])
            #expect(try await client.send("GET", absolute: location).body == Self.content)
        }
    }

    @Test("POST returns the location of the upload")
    func begin() async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("POST", "blobs/uploads/")
            #expect(answer.status == 202)
            #expect(answer["location"] != nil)
            guard ConformanceTarget.isOwn else { return }
            #expect(answer["docker-upload-uuid"]?.isEmpty == false)
            #expect(answer["range"] == "0-0")
        }
    }

    @Test(
        "one POST with the digest creates a blob, or begins an upload as other registries may",
        arguments: Digest.Algorithm.allCases
    )
    func singlePost(algorithm: Digest.Algorithm) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = Digest(algorithm, of: Self.content)
            let type = [("Content-Type", "application/octet-stream")]
            var answer = try await client.send("POST", "blobs/uploads/?digest=\(digest)", type, Self.content)
            if !ConformanceTarget.isOwn, answer.status == 202 {
                answer = try await client.finish(try #require(answer["location"]), digest, Self.content)
            }
            #expect(answer.status == 201)
            #expect(try await client.send("GET", "blobs/\(digest)").body == Self.content)
        }
    }

    @Test("the digest algorithm may be given at the beginning", arguments: Digest.Algorithm.allCases)
    func digestAlgorithm(algorithm: Digest.Algorithm) async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin("?digest-algorithm=\(algorithm.rawValue)")
            let patched = try await client.patch(location, Self.content)
            #expect(patched.status == 202)
            let digest = Digest(algorithm, of: Self.content)
            let answer = try await client.finish(patched["location"] ?? location, digest)
            #expect(answer.status == 201)
            #expect(try await client.send("GET", "blobs/\(digest)").body == Self.content)
        }
    }

    @Test("an invalid digest is 400", arguments: ["md5:abc", "sha256:xyz", "sha256", ""])
    func unsupportedDigest(digest: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin()
            let separator = location.contains("?") ? "&" : "?"
            let answer = try await client.send(
                "PUT",
                absolute: "\(location)\(separator)digest=\(digest)",
                [],
                Self.content
            )
            #expect(answer.status == 400)
            #expect(try answer.codes == ["DIGEST_INVALID"])
        }
    }

    @Test(
        "an unknown algorithm is 400",
        .enabled(if: ConformanceTarget.isOwn, "the specification's development version has it")
    )
    func unknownAlgorithm() async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("POST", "blobs/uploads/?digest-algorithm=crc32")
            #expect(answer.status == 400)
        }
    }

    @Test("content that does not match the digest is 400, and not stored")
    func wrongDigest() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = Digest(.sha256, of: Array("something else".utf8))
            let answer = try await client.finish(try await client.begin(), digest, Self.content)
            #expect(answer.status == 400)
            #expect(try answer.codes == ["DIGEST_INVALID"])
            #expect(try await client.send("HEAD", "blobs/\(digest)").status == 404)
            let location = try await client.begin()
            let chunk = try await client.patch(location, Self.content)
            let ended = try await client.finish(try #require(chunk["location"]), digest)
            #expect(ended.status == 400)
            #expect(try ended.codes == ["DIGEST_INVALID"])
            #expect(try await client.send("HEAD", "blobs/\(digest)").status == 404)
        }
    }

    @Test(
        "content of a single POST that does not match the digest is 400, and not stored",
        .enabled(if: ConformanceTarget.isOwn, "a registry need not take a blob by a single POST")
    )
    func wrongDigestOfPost() async throws {
        try await ConformanceTarget.withRepository { client in
            for algorithm in Digest.Algorithm.allCases {
                let digest = Digest(algorithm, of: Array("something else".utf8))
                let answer = try await client.send("POST", "blobs/uploads/?digest=\(digest)", [], Self.content)
                #expect(answer.status == 400)
                #expect(try answer.codes == ["DIGEST_INVALID"])
                #expect(try await client.send("HEAD", "blobs/\(digest)").status == 404)
            }
        }
    }

    @Test("the same bytes may be pushed under both algorithms")
    func twins() async throws {
        try await ConformanceTarget.withRepository { client in
            for algorithm in [Digest.Algorithm.sha512, .sha256, .sha512] {
                let digest = try await client.push(blob: Self.content, as: algorithm)
                #expect(try await client.send("GET", "blobs/\(digest)").body == Self.content)
            }
        }
    }

    @Test("a blob of another repository can be mounted", arguments: Digest.Algorithm.allCases)
    func mount(algorithm: Digest.Algorithm) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content, as: algorithm)
            let other = client.repository(client.repository + "-other")
            let answer = try await other.send("POST", "blobs/uploads/?mount=\(digest)&from=\(client.repository)")
            #expect(answer.status == 201)
            #expect(answer["docker-content-digest"] == digest.description)
            #expect(try await other.send("GET", absolute: try #require(answer["location"])).body == Self.content)
        }
    }

    @Test("what cannot be mounted begins an upload", arguments: ["-nowhere", "/nowhere/at/all"])
    func failedMount(suffix: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let other = client.repository(client.repository + "-other")
            let source = client.repository + suffix
            let answer = try await other.send("POST", "blobs/uploads/?mount=\(digest)&from=\(source)")
            #expect(answer.status == 202)
            let pushed = try await other.finish(try #require(answer["location"]), digest, Self.content)
            #expect(pushed.status == 201)
        }
    }

    @Test("a mount without a source takes the blob from anywhere, or begins an upload as other registries may")
    func anonymousMount() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let other = client.repository(client.repository + "-other")
            let answer = try await other.send("POST", "blobs/uploads/?mount=\(digest)")
            if ConformanceTarget.isOwn { #expect(answer.status == 201) }
            #expect([201, 202].contains(answer.status))
            let nowhere = Digest(.sha256, of: Array("\(client.repository) has no such blob".utf8))
            let unknown = try await other.send("POST", "blobs/uploads/?mount=\(nowhere)")
            #expect(unknown.status == 202)
        }
    }
}
