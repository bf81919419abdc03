import ImageModel
import RegistryCore
import SystemLibraries
import Testing

@Suite("A search")
struct V1SearchTests {
    /// A query, and the names found, in order.
    static let searches: [(String, [String])] = [
        ("q=app", ["library/app", "library/app-two", "a/app", "library/zapp", "x/deep/app"]),
        ("q=APP-", ["library/app-two"]),
        ("q=a/app", ["a/app"]),
        ("q=deep", ["x/deep/app"]),
        ("q=web+SERVER", ["library/zapp"]),
        ("q=%25", []),
        ("q=", ["a/app", "library/app", "library/app-two", "library/zapp", "x/deep/app"]),
    ]

    private func fill(_ port: Int) async throws {
        let client = V2Client(port: port)
        let layer = try TestLayer.gzip(TestLayer.tar("a", [1]))
        for name in ["app", "app-two", "x/deep/app", "zapp"] {
            let label = name == "zapp" ? "{\"org.opencontainers.image.description\":\"A small\\n web server\"}" : "{}"
            _ = try await client.push(name, "latest", layers: [layer], labels: label)
        }
        let image = TestImage(TestImage.id("1"), layer: layer)
        let daemon = V1Daemon(port: port)
        _ = try await daemon.push(image)
        _ = try await daemon.tag("a/app", "latest", image.id)
    }

    @Test(
        "finds names and descriptions, whoever pushed: exact names first, then prefixes",
        arguments: searches
    )
    func finds(query: String, names: [String]) async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            try await fill(port)
            let answer = try JSONValue(parsing: await V1Daemon(port: port).get("search?\(query)").body)
            #expect(answer["results"]?.array?.compactMap { $0["name"]?.string } == names)
            #expect(answer["num_results"]?.integer == Int64(names.count))
            #expect(answer["num_pages"] == nil)
        }
    }

    @Test("shows the label of the latest image, and nothing without one")
    func describes() async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            try await fill(port)
            let answer = try JSONValue(parsing: await V1Daemon(port: port).get("search?q=app").body)
            let descriptions = answer["results"]?.array?.map { $0["description"]?.string }
            #expect(descriptions == ["", "", "", "A small web server", ""])
        }
    }

    /// A query, and the number of results, pages, page and size in the response.
    static let pageRequests: [(String, [Int64])] = [
        ("n=2", [2, 3, 1, 2]),
        ("n=2&page=3", [1, 3, 3, 2]),
        ("n=2&page=4", [0, 3, 4, 2]),
        ("page=1", [5, 1, 1, 25]),
        ("n=0&page=-1", [5, 1, 1, 25]),
        ("n=x", [5, 1, 1, 25]),
    ]

    @Test("returns pages on request", arguments: pageRequests)
    func pages(query: String, numbers: [Int64]) async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            try await fill(port)
            let answer = try JSONValue(parsing: await V1Daemon(port: port).get("search?q=app&\(query)").body)
            let keys = ["num_pages", "page", "page_size"]
            let counts = [Int64(answer["results"]?.array?.count ?? -1)] + keys.map { answer[$0]?.integer ?? -1 }
            #expect(counts == numbers)
            #expect(answer["num_results"]?.integer == 5)
        }
    }

    @Test("does not find what was deleted")
    func forgets() async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, registry in
            try await fill(port)
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.get("search?q=zapp").text.contains("library/zapp"))
            #expect(try await daemon.delete("repositories/zapp/").status == 200)
            #expect(try await daemon.get("search?q=zapp").text.contains("\"num_results\": 0"))
            let name = try RepositoryName(parsing: "x/deep/app")
            #expect(try await registry.bridge.remove(ImageModel.Tag(parsing: "latest"), in: name))
            #expect(try await daemon.get("search?q=deep").text.contains("\"num_results\": 0"))
        }
    }
}
