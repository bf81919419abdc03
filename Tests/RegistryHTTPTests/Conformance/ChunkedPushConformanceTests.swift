import ImageModel
import SystemLibraries
import Testing

/// OCI Distribution Specification, "Pushing a blob in chunks" and "Cancel a blob upload".
@Suite struct ChunkedPushConformanceTests {
    private static let content = Array("0123456789abcdefghij".utf8)
    private static var digest: Digest { Digest(.sha256, of: content) }

    @Test("chunks with their ranges create a blob, with the last of them in the PUT or not", arguments: [true, false])
    func chunks(putHasContent: Bool) async throws {
        try await ConformanceTarget.withRepository { client in
            var location = try await client.begin()
            let first = try await client.patch(location, Array(Self.content[0..<8]), range: "0-7")
            #expect(first.status == 202)
            #expect(first["range"] == "0-7")
            location = try #require(first["location"])
            if !putHasContent {
                let second = try await client.patch(location, Array(Self.content[8...]), range: "8-19")
                #expect(second["range"] == "0-19")
                location = try #require(second["location"])
            }
            let answer = try await client.finish(location, Self.digest, putHasContent ? Array(Self.content[8...]) : [])
            #expect(answer.status == 201)
            #expect(try await client.send("GET", "blobs/\(Self.digest)").body == Self.content)
        }
    }

    @Test(
        "a stream without ranges creates a blob, in HTTP chunks too",
        .enabled(if: ConformanceTarget.isOwn, "the bytes on the connection are the test's own")
    )
    func stream() async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin()
            let body = Array("8\r\n01234567\r\nc\r\n89abcdefghij\r\n0\r\n\r\n".utf8)
            let head = [
                "PATCH \(RegistryClient.path(of: location)) HTTP/1.1", "Host: 127.0.0.1:\(client.port)",
                "Transfer-Encoding: chunked", "Connection: close",
            ]
            let answer = try await withClient(of: client.port) { connection in
                try connection.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
                return try connection.receiveLastAnswer(hasBody: true)
            }
            #expect(answer.status == 202)
            #expect(answer["range"] == "0-19")
            #expect(try await client.finish(try #require(answer["location"]), Self.digest).status == 201)
        }
    }

    @Test("a chunk out of order or repeated is 416, and the upload is unchanged", arguments: ["12-19", "0-7", "4-7"])
    func outOfOrder(range: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin()
            let first = try await client.patch(location, Array(Self.content[0..<8]), range: "0-7")
            let next = try #require(first["location"])
            let bounds = range.split(separator: "-").compactMap { Int($0) }
            let refused = try await client.patch(next, Array(Self.content[bounds[0]...bounds[1]]), range: range)
            #expect(refused.status == 416)
            let status = try await client.send("GET", absolute: next)
            #expect(status.status == 204)
            #expect(status["range"] == "0-7")
            let last = try await client.patch(
                try #require(status["location"]),
                Array(Self.content[8...]),
                range: "8-19"
            )
            #expect(last.status == 202)
            #expect(try await client.finish(try #require(last["location"]), Self.digest).status == 201)
        }
    }

    @Test("a last chunk out of order is 416 at the PUT")
    func outOfOrderAtTheEnd() async throws {
        try await ConformanceTarget.withRepository { client in
            let first = try await client.patch(try await client.begin(), Array(Self.content[0..<8]), range: "0-7")
            let location = try #require(first["location"])
            let separator = location.contains("?") ? "&" : "?"
            let answer = try await client.send(
                "PUT",
                absolute: "\(location)\(separator)digest=\(Self.digest)",
                [("Content-Range", "12-19")],
                Array(Self.content[12...])
            )
            #expect(answer.status == 416)
            #expect(try await client.finish(location, Self.digest, Array(Self.content[8...])).status == 201)
        }
    }

    @Test(
        "a range that does not fit the body is refused, and the upload is unchanged",
        arguments: ["0-3", "0-100", "7-0"]
    )
    func wrongRange(range: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin()
            let refused = try await client.patch(location, Array(Self.content[0..<8]), range: range)
            #expect(ConformanceTarget.statuses(400, elsewhere: 416).contains(refused.status))
            let status = try await client.send("GET", absolute: location)
            #expect(status["range"] == "0-0")
            #expect(try await client.finish(location, Self.digest, Self.content).status == 201)
        }
    }

    @Test("a cancelled upload is gone")
    func cancel() async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin()
            #expect(try await client.send("DELETE", absolute: location).status == 204)
            #expect(try await client.send("GET", absolute: location).status == 404)
            #expect(try await client.send("DELETE", absolute: location).status == 404)
            let late = try await client.patch(location, Self.content)
            #expect(late.status == 404)
            #expect(try late.codes == ["BLOB_UPLOAD_UNKNOWN"])
        }
    }

    @Test("an upload is known only in its own repository")
    func otherRepository() async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin()
            let other = location.replacing(client.repository, with: client.repository + "-other")
            #expect(try await client.send("GET", absolute: other).status == 404)
        }
    }

    @Test(
        "a dropped connection leaves what arrived, and the upload continues from there",
        .enabled(if: ConformanceTarget.isOwn, "the bytes on the connection are the test's own")
    )
    func cutConnection() async throws {
        try await ConformanceTarget.withRepository { client in
            let location = try await client.begin()
            let head = [
                "PATCH \(RegistryClient.path(of: location)) HTTP/1.1", "Host: 127.0.0.1:\(client.port)",
                "Content-Length: 20",
            ]
            try await withClient(of: client.port) { connection in
                try connection.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + Self.content[0..<8])
                connection.hangUp()
            }
            var status = try await client.send("GET", absolute: location)
            for _ in 0..<200 where status["range"] != "0-7" {
                status = try await client.send("GET", absolute: location)
            }
            #expect(status["range"] == "0-7")
            let next = try #require(status["location"])
            let last = try await client.patch(next, Array(Self.content[8...]), range: "8-19")
            #expect(last.status == 202)
            #expect(try await client.finish(next, Self.digest).status == 201)
        }
    }
}
