import ImageModel
import SystemLibraries
import Testing

/// OCI Distribution Specification, "Pull"; RFC 9110 on ranges and conditions.
@Suite struct PullConformanceTests {
    private static let content = Array("0123456789abcdefghij".utf8)

    @Test("a blob comes with its digest, size and entity tag, by GET and by HEAD", arguments: ["GET", "HEAD"])
    func blob(method: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let answer = try await client.send(method, "blobs/\(digest)")
            #expect(answer.status == 200)
            #expect(answer.body == (method == "GET" ? Self.content : []))
            #expect(answer["content-length"] == "20")
            #expect(answer["docker-content-digest"] == digest.description)
            #expect(answer["content-type"] == "application/octet-stream")
            guard ConformanceTarget.isOwn else { return }
            #expect(answer["etag"] == "\"\(digest)\"")
            #expect(answer["cache-control"] == "max-age=31536000")
        }
    }

    @Test("an empty blob is a blob")
    func emptyBlob() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: [])
            let answer = try await client.send("GET", "blobs/\(digest)")
            #expect(answer.status == 200)
            #expect(answer["content-length"] == "0")
        }
    }

    @Test("a blob is in the repository that it was pushed to and in no other")
    func isolation() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let other = client.repository(client.repository + "-other")
            #expect(try await other.send("GET", "blobs/\(digest)").status == 404)
            #expect(try await other.send("HEAD", "blobs/\(digest)").status == 404)
        }
    }

    @Test(
        "a range is answered with that part",
        arguments: [
            ("bytes=0-4", "01234", "bytes 0-4/20"),
            ("bytes=15-", "fghij", "bytes 15-19/20"),
            ("bytes=-3", "hij", "bytes 17-19/20"),
            ("bytes=18-100", "ij", "bytes 18-19/20"),
            ("bytes=-100", "0123456789abcdefghij", "bytes 0-19/20"),
        ]
    )
    func range(header: String, part: String, range: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let answer = try await client.send("GET", "blobs/\(digest)", [("Range", header)])
            #expect(answer.status == 206)
            #expect(answer.text == part)
            #expect(answer["content-range"] == range)
        }
    }

    @Test(
        "a range past the end is 416, and one that ends before it begins, unless that is ignored",
        arguments: ["bytes=20-", "bytes=9-3"]
    )
    func unsatisfiable(header: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let answer = try await client.send("GET", "blobs/\(digest)", [("Range", header)])
            // RFC 9110, section 14.2: one that is no range may be ignored, or refused.
            if !ConformanceTarget.isOwn, header == "bytes=9-3" {
                #expect([200, 400, 416].contains(answer.status))
                return
            }
            #expect(answer.status == 416)
            #expect(answer["content-range"] == "bytes */20")
        }
    }

    @Test("a range of something else is answered with the whole")
    func conditionalRange() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let other = [("Range", "bytes=0-4"), ("If-Range", "\"\(Digest(.sha256, of: []))\"")]
            #expect(try await client.send("GET", "blobs/\(digest)", other).status == 200)
            let same = [("Range", "bytes=0-4"), ("If-Range", "\"\(digest)\"")]
            #expect(try await client.send("GET", "blobs/\(digest)", same).status == 206)
        }
    }

    @Test(
        "what the client has already is 304",
        arguments: ["\"D\"", "W/\"D\"", "\"other\", \"D\""] + (ConformanceTarget.isOwn ? ["D"] : [])
    )
    func notModified(header: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("conditional", tag: "latest")
            let blob = try await client.push(blob: Self.content)
            let all = [
                ("manifests/latest", image.digest), ("manifests/\(image.digest)", image.digest),
                ("blobs/\(blob)", blob),
            ]
            for (path, digest) in all {
                let condition = header.replacing("D", with: digest.description)
                let answer = try await client.send("GET", path, [("If-None-Match", condition)])
                #expect(answer.status == 304)
                #expect(answer.body.isEmpty)
                #expect(answer["etag"] == "\"\(digest)\"")
            }
            let other = [("If-None-Match", "\"\(Digest(.sha256, of: []))\"")]
            #expect(try await client.send("GET", "manifests/latest", other).status == 200)
        }
    }

    @Test("a manifest comes byte for byte by tag and by digest, with its type and length", arguments: ["GET", "HEAD"])
    func manifest(method: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("manifest", tag: "latest")
            for reference in ["latest", image.digest.description] {
                let answer = try await client.send(method, "manifests/\(reference)", [("Accept", image.mediaType)])
                #expect(answer.status == 200)
                #expect(answer.body == (method == "GET" ? image.bytes : []))
                #expect(answer["content-length"] == "\(image.bytes.count)")
                #expect(answer["content-type"] == image.mediaType)
                #expect(answer["docker-content-digest"] == image.digest.description)
            }
        }
    }

    @Test(
        "whatever form an Accept has, a manifest is answered as it is stored",
        arguments: [
            [], ["*/*"], ["application/vnd.oci.image.manifest.v1+json;q=0.5, */*"], ["text/html", "*/*;q=0.1"],
            [" application/vnd.oci.image.index.v1+json , application/vnd.oci.image.manifest.v1+json "],
        ]
    )
    func accept(headers: [String]) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("accept", tag: "latest")
            let answer = try await client.send("GET", "manifests/latest", headers.map { ("Accept", $0) })
            #expect(answer.status == 200)
            #expect(answer.body == image.bytes)
        }
    }

    @Test(
        "a pushed manifest may be of any kind",
        arguments: [
            "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
        ]
    )
    func mediaTypes(mediaType: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let configuration = Array("{}".utf8)
            try await client.push(blob: configuration)
            let image = TestManifest.image(configuration, layers: [], mediaType: mediaType)
            #expect(try await client.push(image, as: "latest").status == 201)
            let answer = try await client.send("GET", "manifests/latest", [("Accept", mediaType)])
            #expect(answer["content-type"] == mediaType)
            #expect(answer.body == image.bytes)
        }
    }
}
