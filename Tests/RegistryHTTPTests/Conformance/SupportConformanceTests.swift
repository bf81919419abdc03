import ImageModel
import Testing

/// OCI Distribution Specification, "Determining Support" and "Error Codes"; Docker Registry HTTP API V2.
@Suite struct SupportConformanceTests {
    @Test("the base returns 200, an empty object and the version", arguments: ["/v2/", "/v2"])
    func base(path: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("GET", absolute: path)
            #expect(answer.status == 200)
            #expect(try answer.json == .object([]))
            #expect(answer["content-type"]?.hasPrefix("application/json") == true)
            #expect(answer["docker-distribution-api-version"] == "registry/2.0")
        }
    }

    @Test(
        "an error has a JSON body with a code from the specification",
        arguments: [
            ("GET", "manifests/latest", 404, "MANIFEST_UNKNOWN"),
            ("GET", "manifests/sha256:\(String(repeating: "0", count: 64))", 404, "MANIFEST_UNKNOWN"),
            ("GET", "blobs/sha256:\(String(repeating: "0", count: 64))", 404, "BLOB_UNKNOWN"),
            ("GET", "tags/list", 404, "NAME_UNKNOWN"),
            ("GET", "blobs/sha256:abc", 400, "DIGEST_INVALID"),
            ("GET", "referrers/sha256:abc", 400, "DIGEST_INVALID"),
        ]
    )
    func refusal(method: String, path: String, status: Int, code: String) async throws {
        try await expectRefusal(method, path, status, code)
    }

    @Test(
        "an error left open by the specification also has such a body",
        .enabled(if: ConformanceTarget.isOwn, "another registry may answer these otherwise"),
        arguments: [
            ("GET", "blobs/uploads/00000000-0000-4000-8000-000000000000", 404, "BLOB_UPLOAD_UNKNOWN"),
            ("PATCH", "blobs/uploads/00000000-0000-4000-8000-000000000000", 404, "BLOB_UPLOAD_UNKNOWN"),
            ("POST", "manifests/latest", 405, "UNSUPPORTED"),
            ("PUT", "tags/list", 405, "UNSUPPORTED"),
            ("GET", "blobs/uploads/", 405, "UNSUPPORTED"),
        ]
    )
    func ownRefusal(method: String, path: String, status: Int, code: String) async throws {
        try await expectRefusal(method, path, status, code)
    }

    private func expectRefusal(_ method: String, _ path: String, _ status: Int, _ code: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send(method, path)
            #expect(answer.status == status)
            #expect(try answer.codes == [code])
            #expect(answer["content-type"]?.hasPrefix("application/json") == true)
            #expect(answer["docker-distribution-api-version"] == "registry/2.0")
        }
    }

    @Test(
        "a name or a tag outside its grammar is refused",
        arguments: [
            ("/v2/Upper/manifests/latest", "NAME_INVALID"),
            ("/v2/a..b/tags/list", "NAME_INVALID"),
            ("/v2/-a/manifests/latest", "NAME_INVALID"),
            ("/v2/\(String(repeating: "a", count: 256))/manifests/latest", "NAME_INVALID"),
        ]
    )
    func malformedNames(path: String, code: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("GET", absolute: path)
            #expect(ConformanceTarget.statuses(400, elsewhere: 404).contains(answer.status))
            if ConformanceTarget.isOwn { #expect(try answer.codes == [code]) }
        }
    }

    @Test(
        "an unknown v2 path is 404 with a JSON body",
        .enabled(if: ConformanceTarget.isOwn, "the specification does not speak of other paths"),
        arguments: ["/v2/nothing", "/v2/a/b/c/", "/v2//"]
    )
    func unknownPath(path: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("GET", absolute: path)
            #expect(answer.status == 404)
            #expect(try answer.codes.count == 1)
        }
    }

    @Test(
        "an invalid manifest reference is unknown to readers, and refused to pushes",
        arguments: [
            (".INVALID_MANIFEST_NAME", "TAG_INVALID"), ("-latest", "TAG_INVALID"), ("a%20b", "TAG_INVALID"),
            (String(repeating: "t", count: 129), "TAG_INVALID"), ("sha256:abc", "DIGEST_INVALID"),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", "DIGEST_INVALID"),
        ]
    )
    func malformedReference(text: String, code: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("malformed", tag: "latest")
            let answer = try await client.send("GET", "manifests/\(text)")
            #expect(answer.status == 404)
            #expect(try await client.send("HEAD", "manifests/\(text)").status == 404)
            let pushed = try await client.push(image, as: text)
            #expect(ConformanceTarget.statuses(400, elsewhere: 404).contains(pushed.status))
            guard ConformanceTarget.isOwn else { return }
            #expect(try answer.codes == ["MANIFEST_UNKNOWN"])
            #expect(try pushed.codes == [code])
        }
    }

    @Test("an unsupported method is refused, listing the supported ones")
    func allow() async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("POST", absolute: "/v2/_catalog")
            #expect(answer.status == 405)
            #expect(answer["allow"]?.contains("GET") == true)
            if ConformanceTarget.isOwn { #expect(answer["allow"] == "GET, HEAD, OPTIONS") }
        }
    }

    @Test(
        "words of the API are valid names",
        arguments: [
            "a/blobs/b", "library/tags", "x/manifests/y", "tags/list", "blobs/uploads", "referrers/manifests",
            "a__b/c.d-e_f",
        ]
    )
    func oddNames(name: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let client = client.repository(ConformanceTarget.isOwn ? name : "\(client.repository)/\(name)")
            let image = try await client.pushImage("odd", tag: "list")
            let answer = try await client.send("GET", "manifests/list")
            #expect(answer.status == 200)
            #expect(answer.body == image.bytes)
            #expect(try await client.send("GET", "tags/list").strings("tags") == ["list"])
        }
    }
}
