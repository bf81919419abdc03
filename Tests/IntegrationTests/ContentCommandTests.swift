import Foundation
import Testing

extension Integration {
    @Suite("longshore repository, tag and du") struct ContentCommandTests {
        private struct UsageTotals: Decodable {
            let bytes: [String: Int64]
        }

        /// Runs the program on `root`, and returns what it printed if its exit status is as expected.
        private func run(_ root: String, status: Int32 = 0, _ words: String...) async throws -> ProgramResult {
            let result = try await Program.longshore.run(words + ["--root", root])
            #expect(result.status == status, "\(words): \(result.text)\(result.errorText)")
            return result
        }

        private func manifest(_ author: String, of push: V2Push) async throws -> String {
            let json = "{\"author\":\"\(author)\",\"created\":\"2020-02-02T02:02:02Z\"}"
            let configuration = try await push.blob(Data(json.utf8), "application/vnd.oci.image.config.v1+json")
            let type = "\"mediaType\":\"\(V2Push.imageType)\""
            return "{\"schemaVersion\":2,\(type),\"config\":\(configuration),\"layers\":[]}"
        }

        /// Pushes an image with two tags and an untagged one to `app`, and a v1 image to a name that v2 does not allow.
        private func push(to server: LongshoreProcess) async throws {
            let push = V2Push("app", to: server)
            for (author, tags) in [("old", ["1"]), ("new", ["1", "2"])] {
                let bytes = Data(try await manifest(author, of: push).utf8)
                for tag in tags { try await push.manifest(bytes, as: tag) }
            }
            try await V1Push("A/x%1By", to: server).run()
        }

        private func fields(_ line: Substring) throws -> [String: String] {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object).mapValues { "\($0)" }
        }

        private func images(_ root: String) async throws -> [[String: String]] {
            try await run(root, "repository", "show", "app", "--json").text.split(separator: "\n").map(fields)
        }

        /// What every command prints, with or without a server.
        private func check(_ root: String) async throws {
            #expect(try await run(root, "repository", "list").text == "A/x\\u{1B}y\napp\n")
            let listed = try await run(root, "repository", "list", "--json").text.split(separator: "\n").map(fields)
            #expect(listed.map { $0["name"] } == ["A/x\u{1B}y", "app"])
            #expect(listed[1]["v1Name"] == "library/app")

            let shown = try await run(root, "repository", "show", "app").text.split(separator: "\n")
            #expect(shown.count == 4 && shown[0].hasPrefix("TAG") && shown[3].hasPrefix("(untagged)"))
            #expect(shown[1].contains("OCI manifest") && shown[1].contains("2020-02-02T02:02:02Z"))
            let rows = try await images(root)
            #expect(rows.map { $0["tag"] } == ["1", "2", nil])
            #expect(rows[0]["digest"] == rows[1]["digest"] && rows[0]["digest"] != rows[2]["digest"])
            #expect(rows[0]["mediaType"] == V2Push.imageType)
            let odd = try await run(root, "repository", "show", "A/x\u{1B}y").text
            #expect(odd.contains("latest") && odd.contains("v1 image"))

            let tags = try await run(root, "tag", "list", "app").text
            let digest = try #require(rows[0]["digest"])
            #expect(tags == "1  \(digest)\n2  \(digest)\n")

            let usage = try await run(root, "du").text
            #expect(usage.contains("REPOSITORY") && usage.contains("app") && usage.contains("in total"))
            let document = try await run(root, "du", "--json").text
            let bytes = try JSONDecoder().decode(UsageTotals.self, from: Data(document.utf8)).bytes
            let keys = ["own", "shared", "unlinked", "untaggedV1Images", "records"]
            let parts = keys.compactMap { bytes[$0] }
            #expect(parts.count == 5 && parts.reduce(0, +) == bytes["total"])
            let layers = try await run(root, "du", "--by", "layer", "--limit", "1").text.split(separator: "\n")
            #expect(layers.count == 2 && layers[1].contains("A/x\\u{1B}y"))
        }

        @Test("print the same with a server and without", .needs("curl", "tar"))
        func reading() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    try await push(to: server)
                    try await check(root)
                    for name in ["repository list", "repository show", "tag list", "du"] {
                        #expect(try server.logCount(name) > 0, "\(name)")
                    }
                }
                try await check(root)
            }
        }

        @Test(
            "set and delete tags and repositories, in both protocols",
            .needs("curl", "tar"),
            arguments: [true, false]
        )
        func writing(isOnline: Bool) async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    try await push(to: server)
                    try await V1Push("old", to: server).run()
                    if isOnline { try await change(root) }
                }
                if !isOnline { try await change(root) }
                try await withLongshore(serving: root) { server in
                    let catalogue = try await Curl.request(server.url("/v2/_catalog")).text
                    #expect(catalogue.contains(":[\"old\"]"))
                    #expect(try await Curl.request(server.url("/v1/repositories/library/app/tags")).status == 404)
                    #expect(try await Curl.request(server.url("/v2/app/tags/list")).status == 404)
                    let tags = try await Curl.request(server.url("/v2/old/tags/list")).text
                    #expect(tags.contains("[\"copy\"]"))
                    let v1Tags = try await Curl.request(server.url("/v1/repositories/old/tags")).text
                    #expect(v1Tags.contains("\"copy\"") && !v1Tags.contains("latest"))
                }
            }
        }

        private func change(_ root: String) async throws {
            let rows = try await images(root)
            let untagged = try #require(rows[2]["digest"])
            #expect(try await run(root, "tag", "set", "app:3", untagged).text == "set app:3 to \(untagged)\n")
            #expect(try await run(root, "tag", "set", "app:4", "3").text == "set app:4 to 3\n")
            #expect(try await run(root, "tag", "list", "app").text.contains("4  \(untagged)\n"))
            _ = try await run(root, "tag", "set", "old:copy", "latest")
            let deleted = try await run(root, status: 1, "tag", "delete", "old:latest", "old:no", "app:2")
            #expect(deleted.text == "deleted old:latest\ndeleted app:2\n")
            #expect(deleted.errorText.contains("there is no tag old:no"))
            let gone = try await run(root, status: 1, "repository", "delete", "app", "no", "A/x\u{1B}y")
            let lines = gone.text.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0] == "deleted app: 3 tags (1, 3, 4), 2 manifests, 2 blobs, 0 unfinished uploads")
            #expect(lines[1].hasPrefix("deleted A/x\\u{1B}y: 1 tag (latest)"))
            #expect(gone.errorText.contains("there is no repository no"))
        }

        @Test("say what is missing or wrong in a sentence, with status 1")
        func refusals() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let absent = "sha256:" + String(repeating: "0", count: 64)
                let refused: [([String], String)] = [
                    (["repository", "show", "app"], "there is no repository app"),
                    (
                        ["repository", "show", "library/app"],
                        "there is no repository library/app; v1's library/app is called app here"
                    ),
                    (["repository", "delete", ""], "'' is not a repository name"),
                    (["tag", "list", "app"], "there is no repository app"),
                    (["tag", "delete", "app:"], "'app:' names no tag: write REPOSITORY:TAG"),
                    (["tag", "delete", "app"], "'app' names no tag: write REPOSITORY:TAG"),
                    (["tag", "set", "app:1", absent], "app has no manifest \(absent)"),
                    (["tag", "set", "app:1", "2"], "app has no tag 2"),
                ]
                try await withLongshore(serving: root) { _ in
                    for (words, reason) in refused {
                        let result = try await Program.longshore.run(words + ["--root", root])
                        #expect(result.status == 1 && result.text.isEmpty, "\(words)")
                        #expect(result.errorText == "longshore: \(reason)\n", "\(words)")
                    }
                }
                let nowhere = try await Program.longshore.run(["du", "--root", "/nowhere"])
                #expect(nowhere.status == 1 && nowhere.errorText.contains("/nowhere"))
            }
        }
    }
}
