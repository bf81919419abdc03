import Foundation
import ImageModel
import RegistryCore
import Testing

/// Variations of the requests that engines were recorded to send: other methods, types, encodings and headers.
@Suite("An unusual v1 request")
struct V1VariantTests {
    private static let image = TestImage.id("1")

    private static func withImage(_ body: @Sendable (_ port: Int, _ image: TestImage) async throws -> Void) async throws
    {
        let tree = try ScratchTree()
        let image = TestImage(Self.image, layer: try TestLayer.gzip(TestLayer.tar("a", TestLayer.noise(2000, seed: 1))))
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(image) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "t", image.id) == 200)
            try await body(port, image)
        }
    }

    /// A range, and the part of the layer in the response, or nil for the whole.
    static let ranges: [(String, (first: Int, count: Int)?)] = [
        ("bytes=0-0", (0, 1)), ("bytes=5-5", (5, 1)), ("bytes=0-99", (0, 100)), ("bytes=100-", (100, .max)),
        ("bytes=100-99999999", (100, .max)), ("bytes=-7", nil), ("bytes=-0", nil), ("bytes=-99999999", nil),
        ("items=0-5", nil), ("bytes=a-b", nil), ("bytes=0-1,5-6", nil), ("", nil),
    ]

    @Test("a layer is sent in the requested parts, with the right length", arguments: ranges)
    func range(header: String, expected: (first: Int, count: Int)?) async throws {
        try await Self.withImage { port, image in
            let answer = try await exchange(
                "GET",
                "/v1/images/\(image.id)/layer",
                headers: header.isEmpty ? [:] : ["Range": header],
                port: port
            )
            guard let expected else {
                #expect(answer.status == 200 && answer.body == image.layer)
                return
            }
            let first = expected.first
            let count = min(expected.count, image.layer.count - first)
            #expect(answer.status == 206)
            #expect(answer.body == Array(image.layer[first..<(first + count)]))
            #expect(answer["content-range"] == "bytes \(first)-\(first + count - 1)/\(image.layer.count)")
            #expect(answer["content-length"] == "\(count)")
        }
    }

    @Test(
        "a range past the end, or that ends before it begins, is refused with the size, as by docker-registry",
        arguments: ["bytes=99999999-", "bytes=99999999-999999999", "bytes=7-3"]
    )
    func unsatisfiable(range: String) async throws {
        try await Self.withImage { port, image in
            let answer = try await exchange(
                "GET",
                "/v1/images/\(image.id)/layer",
                headers: ["Range": range],
                port: port
            )
            #expect(answer.status == 416)
            #expect(answer["content-range"] == "bytes */\(image.layer.count)")
            #expect(answer.body.isEmpty)
            #expect(answer["content-type"] == "application/octet-stream")
            #expect(answer["accept-ranges"] == "bytes")
            #expect(answer["cache-control"] == "public, max-age=31536000")
        }
    }

    @Test("an image with missing files is served as far as possible, as by docker-registry")
    func missingFiles() async throws {
        let tree = try ScratchTree()
        let image = TestImage(Self.image, layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(image) == [200, 200, 200])
            func statuses() async throws -> [Int] {
                var statuses: [Int] = []
                for part in ["json", "layer", "ancestry", "files"] {
                    statuses.append(try await daemon.get("images/\(image.id)/\(part)").status)
                }
                return statuses
            }
            #expect(try await statuses() == [200, 200, 200, 200])
            try TestFiles.default.removeItem(atPath: "\(tree.path)/images/\(image.id)/json")
            #expect(try await statuses() == [404, 200, 200, 200])
            try tree.write(image.json, to: "images/\(image.id)/json")
            try TestFiles.default.removeItem(atPath: "\(tree.path)/images/\(image.id)/ancestry")
            #expect(try await statuses() == [200, 200, 404, 200])
            try TestFiles.default.removeItem(atPath: "\(tree.path)/images/\(image.id)/layer")
            #expect(try await statuses() == [200, 404, 404, 404])
        }
    }

    /// Lists that are put one after the other, and the resulting list.
    static let lists: [([String], String)] = [
        (["[{\"id\":\"a\",\"Tag\":\"t\"}]"], "[{\"id\":\"a\",\"Tag\":\"t\"}]"),
        (["[{\"id\":\"a\",\"Tag\":\"t\"}]", "[]"], "[{\"id\": \"a\"}]"),
        (
            ["[{\"id\":\"a\"}]", "[{\"id\":\"a\",\"checksum\":\"1\"},{\"id\":\"a\",\"checksum\":\"2\"}]"],
            "[{\"checksum\": \"1\", \"id\": \"a\"}]"
        ),
        (
            ["[{\"id\":\"a\",\"checksum\":\"1\"}]", "[{\"id\":\"b\"},{\"id\":\"a\"},{\"id\":\"b\"}]"],
            "[{\"checksum\": \"1\", \"id\": \"a\"}, {\"id\": \"b\"}]"
        ),
        (
            ["[{\"id\":\"a\",\"checksum\":\"1\"}]", "[{\"id\":\"a\",\"checksum\":\"2\"}]"],
            "[{\"checksum\": \"2\", \"id\": \"a\"}]"
        ),
    ]

    @Test("the lists of a repository's images are merged, one entry per image", arguments: lists)
    func merges(lists: [String], merged: String) async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            for list in lists {
                let answer = try await daemon.put("repositories/a/b/images", Array(list.utf8))
                #expect(answer.status == 204)
            }
            let answer = try await daemon.get("repositories/a/b/images")
            #expect(answer.text == merged)
        }
    }

    /// A client's User-Agent, and its record except for the time.
    static let agents: [(String, String)] = [
        ("docker/1.5.0 go/go1.4.1 kernel/3.X os/Linux arch/AMD64", "1.5.0 go1.4.1 3.x linux amd64"),
        ("Docker/1.0 GO/x Arch/y", "- - - - -"), ("x\tdocker/1.0\tgo/2/3", "1.0 2 - - -"), ("curl", "- - - - -"),
    ]

    @Test("a client's User-Agent is recorded with the tag", arguments: agents)
    func pushRecord(agent: String, noted: String) async throws {
        try await Self.withImage { port, image in
            #expect(try await V1Daemon(port: port, agent: agent).tag("a/b", "latest", image.id) == 200)
            for target in ["json", "tags/latest/json"] {
                let record = try JSONValue(parsing: await V1Daemon(port: port).get("repositories/a/b/\(target)").body)
                let keys = ["docker_version", "docker_go_version", "kernel", "os", "arch"]
                #expect(keys.map { record[$0]?.string ?? "-" }.joined(separator: " ") == noted)
                #expect(record["last_update"]?.integer != nil)
            }
        }
    }

    @Test(
        "HEAD is GET without the body, wherever GET is supported",
        arguments: [
            "_ping", "users/", "search?q=a", "repositories/a/b/images", "repositories/a/b/tags",
            "repositories/a/b/tags/t", "repositories/a/b/json", "repositories/a/b/tags/t/json",
            "repositories/a/b/properties", "images/\(image)/json", "images/\(image)/layer", "images/\(image)/ancestry",
            "images/\(image)/files", "images/\(image)/diff", "repositories/none/tags", "images/x/json",
        ]
    )
    func head(target: String) async throws {
        try await Self.withImage { port, _ in
            let get = try await exchange("GET", "/v1/\(target)", port: port)
            let head = try await exchange("HEAD", "/v1/\(target)", port: port)
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            for name in ["content-type", "content-length", "x-docker-size", "cache-control"] {
                #expect(head[name] == get[name], "\(name)")
            }
            let options = try await exchange("OPTIONS", "/v1/\(target)", port: port)
            #expect(options.status == 204)
            #expect(options["allow"]?.contains("GET, HEAD") == true)
        }
    }

    /// A body, and the status for it as an image's JSON.
    static let jsons: [(String, Int)] = [
        ("", 400), ("{}", 400), ("[]", 400), ("null", 400), ("\"\(image)\"", 400), ("{\"id\":1}", 400),
        ("\u{FEFF}{\"id\":\"\(image)\"}", 400), ("{\"id\":\"\(image)\"", 400), ("{\"id\":\"\(image)\"}", 200),
        (" \n{\"id\": \"\(image)\", \"author\": \"M\u{FC}ller \u{1F433}\"}\n", 200),
        ("{\"id\":\"\(image)\",\"parent\":\"\(TestImage.id("2"))\"}", 400),
        ("{\"id\":\"\(image)\",\"parent\":7}", 400), ("{\"id\":\"\(TestImage.id("2"))\"}", 400),
    ]

    @Test("an image's JSON is accepted byte for byte, or refused, whatever its declared type", arguments: jsons)
    func json(body: String, status: Int) async throws {
        for type in [nil, "application/json", "application/x-www-form-urlencoded", "text/plain; charset=latin1"] {
            let tree = try ScratchTree()
            try await withRegistry(over: tree.open()) { port, _ in
                let headers = type.map { ["Content-Type": $0] } ?? [:]
                let daemon = V1Daemon(port: port)
                let answer = try await daemon.put("images/\(Self.image)/json", headers: headers, Array(body.utf8))
                #expect(answer.status == status, "\(answer.text)")
                if status == 200 { #expect(tree.bytes("images/\(Self.image)/json") == Array(body.utf8)) }
            }
        }
    }

    /// A tag's body, and the resulting status.
    static let tags: [(String, Int)] = [
        ("", 400), ("\"\"", 400), ("{}", 400), ("[\"\(image)\"]", 400), ("1", 400), ("null", 400), (image, 400),
        ("\"\(image)\"", 200), (" \"\(image)\"\n", 200), ("\"\(TestImage.id("9"))\"", 404), ("\"../../x\"", 404),
    ]

    @Test("a tag's body is an image's id as JSON", arguments: tags)
    func tag(body: String, status: Int) async throws {
        try await Self.withImage { port, _ in
            let answer = try await V1Daemon(port: port).put("repositories/a/b/tags/u", Array(body.utf8))
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test(
        "a repository's name is the same with library/ and without, and may contain any characters",
        arguments: [
            "one", "library/one", "UPPER/Case", "a/b/c", "sp%20ace/x", "%C3%BC/x", "a/..", "a/%2E%2E", "a/.hidden",
        ]
    )
    func names(name: String) async throws {
        try await Self.withImage { port, image in
            let daemon = V1Daemon(port: port)
            let list = try await daemon.put("repositories/\(name)/", Array("[{\"id\":\"\(image.id)\"}]".utf8))
            #expect(list.status == 200 && list["x-docker-token"] != nil && list["x-docker-endpoints"] != nil)
            #expect(try await daemon.tag(name, "t", image.id) == 200)
            #expect(try await daemon.get("repositories/\(name)/tags/t").text == "\"\(image.id)\"")
            #expect(try await daemon.get("repositories/\(name)/images").text.contains(image.id))
            #expect(try await daemon.delete("repositories/\(name)/tags/t").status == 200)
            #expect(try await daemon.get("repositories/\(name)/tags/t").status == 404)
        }
    }

    @Test(
        "meaningless credentials, cookies, queries and tokens change nothing",
        arguments: [
            ["Authorization": "Basic Og=="],
            ["Authorization": "Token Token signature=X,repository=\"a/b\",access=read"],
            ["Authorization": "Bearer x"], ["Cookie": "session=1"], ["X-Docker-Token": "true"], ["Accept": "text/html"],
            ["If-None-Match": "x"], ["Expect": "100-continue"],
        ]
    )
    func headers(headers: [String: String]) async throws {
        try await Self.withImage { port, image in
            for target in ["repositories/a/b/tags?x=1", "images/\(image.id)/json?", "_ping?a&b=%zz"] {
                let plain = try await exchange("GET", "/v1/\(target)", port: port)
                let answer = try await exchange("GET", "/v1/\(target)", headers: headers, port: port)
                #expect(answer.status == 200 && answer.body == plain.body)
            }
        }
    }
}
