import ImageModel
import SystemLibraries
import Testing

/// OCI Distribution Specification, "Listing Referrers" and "Pushing Manifests with Subject".
@Suite struct ReferrerConformanceTests {
    @Test("a subject without referrers has an empty index, even in a repository that does not exist")
    func empty() async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("GET", "referrers/\(Digest(.sha256, of: []))")
            #expect(answer.status == 200)
            #expect(answer["content-type"] == TestManifest.ociIndex)
            #expect(try answer.json["schemaVersion"]?.integer == 2)
            #expect(try answer.json["mediaType"]?.string == TestManifest.ociIndex)
            #expect(try answer.json["manifests"]?.array?.isEmpty == true)
        }
    }

    @Test("a pushed manifest with a subject is listed with its type, size and annotations")
    func listed() async throws {
        try await ConformanceTarget.withRepository { client in
            let subject = try await client.pushImage("subject", tag: "latest")
            let configuration = Array("{}".utf8)
            try await client.push(blob: configuration)
            let artifact = TestManifest.image(
                configuration,
                layers: [],
                subject: subject,
                artifactType: "application/vnd.example.signature",
                annotations: "{\"key\":\"value\"}"
            )
            let pushed = try await client.push(artifact, as: artifact.digest.description)
            #expect(pushed["oci-subject"] == subject.digest.description)
            let answer = try await client.send("GET", "referrers/\(subject.digest)")
            let entry = try #require(try answer.json["manifests"]?.array?.first)
            #expect(entry["digest"]?.string == artifact.digest.description)
            #expect(entry["size"]?.integer == Int64(artifact.bytes.count))
            #expect(entry["mediaType"]?.string == TestManifest.ociManifest)
            #expect(entry["artifactType"]?.string == "application/vnd.example.signature")
            #expect(entry["annotations"]?["key"]?.string == "value")
        }
    }

    @Test("the artifact type defaults to the configuration's type; an index without one has none")
    func types() async throws {
        try await ConformanceTarget.withRepository { client in
            let subject = try await client.image("subject that is never pushed")
            let image = try await client.image("image", subject: subject)
            try await client.push(image, as: "image")
            let index = TestManifest.index([image], subject: subject)
            #expect(try await client.push(index, as: "index")["oci-subject"] == subject.digest.description)
            let answer = try await client.send("GET", "referrers/\(subject.digest)")
            let entries = try #require(try answer.json["manifests"]?.array)
            let types = Dictionary(
                entries.map { ($0["digest"]?.string ?? "", $0["artifactType"]?.string) },
                uniquingKeysWith: { first, _ in first }
            )
            #expect(types.count == 2)
            #expect(types[image.digest.description] == "application/vnd.oci.image.config.v1+json")
            #expect(types[index.digest.description] == .some(nil))
        }
    }

    @Test("a filter leaves only that type, and is reported", arguments: ["application/x", "a type + more"])
    func filter(type: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let subject = try await client.pushImage("subject", tag: "latest")
            let wanted = try await client.image("wanted", subject: subject, artifactType: type)
            let other = try await client.image("other", subject: subject, artifactType: "application/other")
            for artifact in [wanted, other] { try await client.push(artifact, as: artifact.digest.description) }
            let query = type.replacing("+", with: "%2B").replacing(" ", with: "%20")
            let answer = try await client.send("GET", "referrers/\(subject.digest)?artifactType=\(query)")
            // A registry need not filter.
            if !ConformanceTarget.isOwn, answer["oci-filters-applied"] == nil { return }
            #expect(answer["oci-filters-applied"] == "artifactType")
            #expect(try answer.manifestDigests == [wanted.digest.description])
            let none = try await client.send("GET", "referrers/\(subject.digest)?artifactType=application/none")
            #expect(try none.manifestDigests.isEmpty)
            #expect(try await client.send("GET", "referrers/\(subject.digest)").manifestDigests.count == 2)
        }
    }

    @Test(
        "referrers are listed in pages, and a page keeps the filter",
        .enabled(if: ConformanceTarget.isOwn, "the size of a page is the registry's affair")
    )
    func pages() async throws {
        try await ConformanceTarget.withRepository { client in
            let subject = try await client.pushImage("subject", tag: "latest")
            var pushed: [String] = []
            for number in 0..<7 {
                let artifact = try await client.image("artifact \(number)", subject: subject, artifactType: "a/b+c")
                try await client.push(artifact, as: artifact.digest.description)
                pushed.append(artifact.digest.description)
            }
            for query in ["?n=3", "?n=3&artifactType=a/b%2Bc"] {
                var listed: [String] = []
                var next: String? = "/v2/\(client.repository)/referrers/\(subject.digest)\(query)"
                while let page = next {
                    let answer = try await client.send("GET", absolute: page)
                    #expect((answer["oci-filters-applied"] != nil) == query.contains("artifactType"))
                    #expect(try answer.manifestDigests.count <= 3)
                    listed += try answer.manifestDigests
                    next = answer.nextPage
                }
                #expect(listed == pushed.sorted())
            }
        }
    }

    @Test("manifests that a client lists under the fallback tag are included")
    func fallbackTag() async throws {
        try await ConformanceTarget.withRepository { client in
            let subject = try await client.pushImage("subject", tag: "latest")
            let artifact = try await client.image("artifact", subject: subject)
            try await client.push(artifact, as: artifact.digest.description)
            let tag = subject.digest.description.replacing(":", with: "-")
            #expect(try await client.push(TestManifest.index([artifact]), as: tag).status == 201)
            let answer = try await client.send("GET", "referrers/\(subject.digest)")
            #expect(try answer.manifestDigests == [artifact.digest.description])
        }
    }

    @Test("a deleted referrer is no longer listed, until it is pushed again")
    func deleted() async throws {
        try await ConformanceTarget.withRepository { client in
            let subject = try await client.pushImage("subject", tag: "latest")
            let artifact = try await client.image("artifact", subject: subject)
            for _ in 0..<2 {
                try await client.push(artifact, as: artifact.digest.description)
                #expect(try await client.send("GET", "referrers/\(subject.digest)").manifestDigests.count == 1)
                #expect(try await client.send("DELETE", "manifests/\(artifact.digest)").status == 202)
                #expect(try await client.send("GET", "referrers/\(subject.digest)").manifestDigests.isEmpty)
            }
        }
    }
}
