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
        "a range gets the requested part",
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

    /// Several ranges, with the parts of the response, or the status of a response without parts.
    static let several: [(String, [Range<Int>], Int)] = [
        ("bytes=0-1,5-9", [0..<2, 5..<10], 206), ("bytes=5-9, 0-1", [5..<10, 0..<2], 206),
        ("bytes=0-1\t, 3-4 ,-2", [0..<2, 3..<5, 18..<20], 206), ("bytes=0-3,2-5", [0..<4, 2..<6], 206),
        ("bytes=18-,0-0", [18..<20, 0..<1], 206), ("bytes=0-1,19-400", [0..<2, 19..<20], 206),
        ("bytes=,0-1,,3-4,", [0..<2, 3..<5], 206), ("bytes=0-9,10-19", [0..<10, 10..<20], 206),
        // A single remaining one is sent as one.
        ("bytes=0-1,30-40", [0..<2], 206), ("bytes=0-1,-0", [0..<2], 206), ("bytes=,0-1", [0..<2], 206),
        ("bytes=99-,-1", [19..<20], 206),
        // More than the whole is the whole.
        ("bytes=0-9,9-19", [], 200), ("bytes=0-,0-", [], 200), ("bytes=,", [], 200), ("bytes=0-1,x", [], 200),
        ("bytes=0-1,2-3-4", [], 200), ("lines=0-1,3-4", [], 200), ("bytes=0-1,-", [], 200),
        ("bytes=30-40,50-", [], 416), ("bytes=0-1,5-2", [], 416), ("bytes=20-,21-22", [], 416),
        ("bytes=0-0,-9223372036854775808,99999999999999999999-", [], 200),
    ]

    @Test("several ranges get their parts", .enabled(if: ConformanceTarget.isOwn), arguments: several)
    func severalRanges(header: String, ranges: [Range<Int>], status: Int) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let answer = try await client.send("GET", "blobs/\(digest)", [("Range", header)])
            #expect(answer.status == status)
            switch ranges.count {
            case 0:
                if status == 200 { #expect(answer.body == Self.content) }
                if status == 416 { #expect(answer["content-range"] == "bytes */20") }
            case 1:
                #expect(answer.body == Array(Self.content[ranges[0]]))
                #expect(answer["content-range"] == "bytes \(ranges[0].lowerBound)-\(ranges[0].upperBound - 1)/20")
                #expect(answer["content-type"] == "application/octet-stream")
            default:
                #expect(answer["content-range"] == nil)
                #expect(answer["content-length"] == "\(answer.body.count)")
                #expect(answer["etag"] == "\"\(digest)\"")
                let type = try #require(answer["content-type"])
                let boundary = try #require(type.firstMatch(of: /^multipart\/byteranges; boundary=([0-9a-f]{60})$/)?.1)
                let parts = ranges.map { range in
                    "--\(boundary)\r\nContent-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/20\r\n"
                        + "Content-Type: application/octet-stream\r\n\r\n"
                        + String(decoding: Self.content[range], as: UTF8.self)
                }
                #expect(answer.text == parts.joined(separator: "\r\n") + "\r\n--\(boundary)--\r\n")
                let head = try await client.send("HEAD", "blobs/\(digest)", [("Range", header)])
                #expect(head.status == 206)
                #expect(head["content-length"] == answer["content-length"])
            }
        }
    }

    @Test(
        "many ranges of a large blob get their parts up to a limit, and none with another entity tag",
        .enabled(if: ConformanceTarget.isOwn)
    )
    func manyRanges() async throws {
        let content = TestFile.bytes(0..<3_000_000)
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: content)
            func ranges(_ count: Int) -> String {
                "bytes=" + (0..<count).map { "\($0 * 2000)-\($0 * 2000 + 1)" }.joined(separator: ",")
            }
            #expect(try await client.send("GET", "blobs/\(digest)", [("Range", ranges(1024))]).status == 206)
            let tooMany = try await client.send("GET", "blobs/\(digest)", [("Range", ranges(1025))])
            #expect(tooMany.status == 200)
            #expect(tooMany.body == content)
            let large = "bytes=0-999999,2000000-2999999"
            let answer = try await client.send("GET", "blobs/\(digest)", [("Range", large)])
            #expect(answer.status == 206)
            #expect(answer["content-length"] == "\(answer.body.count)")
            let end = try #require(answer.text.firstRange(of: "\r\n\r\n"))
            let first = answer.text[..<end.upperBound].utf8.count
            #expect(Array(answer.body[first..<first + 1_000_000]) == Array(content[..<1_000_000]))
            let other = [("Range", large), ("If-Range", "\"\(Digest(.sha256, of: []))\"")]
            #expect(try await client.send("GET", "blobs/\(digest)", other).status == 200)
        }
    }

    @Test(
        "a range past the end, or one that ends before it begins, is 416 unless ignored",
        arguments: ["bytes=20-", "bytes=9-3"]
    )
    func unsatisfiable(header: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Self.content)
            let answer = try await client.send("GET", "blobs/\(digest)", [("Range", header)])
            // RFC 9110, section 14.2: an invalid range may be ignored or refused.
            if !ConformanceTarget.isOwn, header == "bytes=9-3" {
                #expect([200, 400, 416].contains(answer.status))
                return
            }
            #expect(answer.status == 416)
            #expect(answer["content-range"] == "bytes */20")
        }
    }

    @Test("a range in another unit gets the whole")
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
        "what the client already has is 304",
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

    @Test(
        "a manifest is returned byte for byte by tag and by digest, with its type and length",
        arguments: ["GET", "HEAD"]
    )
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
        "a manifest is returned as stored, whatever the format of Accept",
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
