import ImageModel
import Testing

/// OCI Distribution Specification, "Listing Tags"; Docker Registry HTTP API V2, "Catalog".
@Suite struct ListConformanceTests {
    @Test("tags are listed in byte order, or another one, in pages")
    func tags() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("tags")
            let tags = ["b", "B", "a.1", "a-1", "_a", "10", "9"]
            for tag in tags { try await client.push(image, as: tag) }
            let whole = try await client.send("GET", "tags/list")
            #expect(try whole.json["name"]?.string == client.repository)
            // Version 1.1 sorts them ignoring case, its development version in byte order.
            let sorted = try whole.strings("tags")
            #expect(sorted.sorted() == tags.sorted())
            if ConformanceTarget.isOwn { #expect(sorted == ["10", "9", "B", "_a", "a-1", "a.1", "b"]) }
            #expect(whole["link"] == nil)
            var listed: [String] = []
            var next: String? = "/v2/\(client.repository)/tags/list?n=3"
            while let page = next {
                let answer = try await client.send("GET", absolute: page)
                let names = try answer.strings("tags")
                #expect(names.count <= 3)
                listed += names
                next = answer.nextPage
            }
            #expect(listed == sorted)
        }
    }

    @Test(
        "a page of tags corresponds to the query",
        arguments: [
            ("?n=0", [], false),
            ("?n=2", ["a", "b"], true),
            ("?n=3", ["a", "b", "c"], false),
            ("?n=100", ["a", "b", "c"], false),
            ("?last=a", ["b", "c"], false),
            ("?n=1&last=a", ["b"], true),
            ("?n=1&last=b", ["c"], false),
            ("?last=aa", ["b", "c"], false),
            ("?n=5&last=c", [], false),
            ("?last=zzz", [], false),
        ]
    )
    func tagPage(query: String, tags: [String], hasNext: Bool) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("tag page")
            for tag in ["a", "b", "c"] { try await client.push(image, as: tag) }
            let answer = try await client.send("GET", "tags/list\(query)")
            #expect(answer.status == 200)
            #expect(try answer.strings("tags") == tags)
            // A registry need not link its pages.
            if ConformanceTarget.isOwn || !hasNext { #expect((answer.nextPage != nil) == hasNext) }
        }
    }

    @Test(
        "an empty or overflowing number of results is no limit",
        .enabled(if: ConformanceTarget.isOwn, "the specification does not speak of these"),
        arguments: ["", "99999999999999999999"]
    )
    func unlimited(size: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("unlimited")
            for tag in ["a", "b", "c"] { try await client.push(image, as: tag) }
            let answer = try await client.send("GET", "tags/list?n=\(size)")
            #expect(answer.status == 200)
            #expect(try answer.strings("tags") == ["a", "b", "c"])
            #expect(answer.nextPage == nil)
        }
    }

    @Test(
        "an invalid number of results is 400",
        .enabled(if: ConformanceTarget.isOwn, "the specification does not speak of these"),
        arguments: ["-1", "x", "1.5", "+1"]
    )
    func malformedSize(text: String) async throws {
        try await ConformanceTarget.withRepository { client in
            _ = try await client.pushImage("size", tag: "latest")
            for path in ["/v2/\(client.repository)/tags/list", "/v2/_catalog"] {
                let encoded = text.replacing("+", with: "%2B")
                let answer = try await client.send("GET", absolute: "\(path)?n=\(encoded)")
                #expect(answer.status == 400)
                #expect(try answer.codes == ["PAGINATION_NUMBER_INVALID"])
            }
        }
    }

    @Test("a repository without a tag has an empty list")
    func noTags() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.image("no tags")
            try await client.push(image, as: image.digest.description)
            let answer = try await client.send("GET", "tags/list")
            #expect(answer.status == 200)
            #expect(try answer.strings("tags").isEmpty)
        }
    }

    @Test(
        "repositories are listed in byte order, in pages",
        .enabled(if: ConformanceTarget.isOwn, "another registry may have others, and a catalogue is no duty")
    )
    func catalogue() async throws {
        try await ConformanceTarget.withRepository { client in
            // Directories sort differently: a, then everything below a, then a-b.
            let sorted = ["a", "a-b", "a-b/c", "a.b", "a/b", "a/b-c", "a/b/c", "a0", "b/c/d"]
            for name in sorted.reversed() { _ = try await client.repository(name).pushImage(name, tag: "latest") }
            #expect(try await client.send("GET", absolute: "/v2/_catalog").strings("repositories") == sorted)
            for size in 1...sorted.count {
                var listed: [String] = []
                var next: String? = "/v2/_catalog?n=\(size)"
                while let page = next {
                    let answer = try await client.send("GET", absolute: page)
                    listed += try answer.strings("repositories")
                    next = answer.nextPage
                }
                #expect(listed == sorted, "by \(size)")
            }
            for (index, name) in sorted.enumerated() {
                let answer = try await client.send("GET", absolute: "/v2/_catalog?last=\(name)")
                #expect(try answer.strings("repositories") == Array(sorted[(index + 1)...]), "after \(name)")
            }
            let between = try await client.send("GET", absolute: "/v2/_catalog?last=a-c/x&n=2")
            #expect(try between.strings("repositories") == ["a.b", "a/b"])
        }
    }

    @Test(
        "a page of the catalogue has an upper limit",
        .enabled(if: ConformanceTarget.isOwn, "the limit is the operator's, and a catalogue is no duty"),
        arguments: [(0, 200), (1000, 200), (1001, 400)]
    )
    func catalogueLimit(size: Int, status: Int) async throws {
        try await ConformanceTarget.withRepository { client in
            _ = try await client.pushImage("limit", tag: "latest")
            let answer = try await client.send("GET", absolute: "/v2/_catalog?n=\(size)")
            #expect(answer.status == status)
            if size == 0 { #expect(try answer.json["repositories"]?.array?.isEmpty == true) }
        }
    }

    @Test(
        "a repository with only blobs, or with nothing left, is not listed",
        .enabled(if: ConformanceTarget.isOwn, "another registry may have others, and a catalogue is no duty")
    )
    func emptyRepositories() async throws {
        try await ConformanceTarget.withRepository { client in
            try await client.repository("blobs/only").push(blob: [1])
            _ = try await client.repository("uploads/only").begin()
            let emptied = client.repository("emptied")
            let image = try await emptied.pushImage("emptied", tag: "latest")
            #expect(try await client.send("GET", absolute: "/v2/_catalog").strings("repositories") == ["emptied"])
            #expect(try await emptied.send("DELETE", "manifests/\(image.digest)").status == 202)
            #expect(try await client.send("GET", absolute: "/v2/_catalog").strings("repositories").isEmpty)
        }
    }
}
