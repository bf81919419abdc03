import Foundation
import Glibc
import Testing

extension Integration {
    @Suite("longshore prune, and immutable tags") struct PruneTests {
        /// Pushes an image without layers, and returns its digest.
        @discardableResult
        private func push(_ author: String, _ name: String, _ tag: String, to server: LongshoreProcess) async throws
            -> String
        {
            let push = V2Push(name, to: server)
            let type = "application/vnd.oci.image.config.v1+json"
            let configuration = try await push.blob(Data("{\"author\":\"\(author)\"}".utf8), type)
            let text =
                "{\"schemaVersion\":2,\"mediaType\":\"\(V2Push.imageType)\",\"config\":\(configuration),\"layers\":[]}"
            try await push.manifest(Data(text.utf8), as: tag)
            let answer = try await Curl.request(server.url("/v2/\(name)/manifests/\(tag)"), Curl.acceptsManifests)
            return try #require(answer.headers["docker-content-digest"])
        }

        private func status(_ path: String, _ server: LongshoreProcess) async throws -> Int {
            try await Curl.request(server.url("/v2/\(path)"), Curl.acceptsManifests).status
        }

        /// Makes the files below a directory look hours old.
        private func age(_ root: String, _ path: String, hours: Double) throws {
            let folder = "\(root)/docker/registry/v2/repositories/\(path)"
            let date = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -3600 * hours)]
            for file in try FileManager.default.subpathsOfDirectory(atPath: folder) {
                try FileManager.default.setAttributes(date, ofItemAtPath: "\(folder)/\(file)")
            }
        }

        private func configuration(_ root: String, _ rules: String, collection: String = "{grace: 1h}") -> String {
            """
            version: 0.1
            storage:
              filesystem: {rootdirectory: \(root)}
              delete: {enabled: true}
              maintenance: {collection: \(collection)}
            \(rules)
            """
        }

        @Test(
            "deletes what the rules do not keep, says why, and plans the same, with and without a server",
            .needs("curl")
        )
        func prunes() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let rules = "retention: [{repositories: [ci/*], keep: {last: 1, tags: ['v*']}, untagged: 2h}]"
                let file = directory.path("config.yml")
                let text = configuration(root, rules)
                let server = try await LongshoreProcess(configuration: text, in: file)
                defer { server.running.discard() }
                for (hours, tag) in ["new", "old", "v1"].enumerated() {
                    try await push(tag, "ci/app", tag, to: server)
                    try age(root, "ci/app/_manifests/tags/\(tag)", hours: Double(hours) + 3)
                }
                try await push("other", "other", "old", to: server)
                let untagged = try await push("gone", "ci/app", "new", to: server)
                try await push("new", "ci/app", "new", to: server)
                try age(root, "ci/app/_manifests/revisions", hours: 5)
                let plan = try await Program.longshore.run(["prune", "-d", file]).succeeded().text
                for line in [
                    "keep ci/app:new (pushed 0 h ago; one of the last 1)",
                    "delete ci/app:old (pushed 4 h ago; no rule keeps it)", "keep ci/app:v1 (matches v*)",
                    "delete ci/app@\(untagged) (untagged; pushed 5 h ago)",
                    "1 tags and 2 untagged manifests would be deleted, 2 tags kept",
                ] { #expect(plan.contains(line), "\(plan)") }
                #expect(try server.logCount("name=prune") == 1)
                #expect(try await status("ci/app/manifests/old", server) == 200)
                let done = try await Program.longshore.run(["prune", file]).succeeded().text
                #expect(done.contains("delete ci/app@\(untagged) (untagged)"), "\(done)")
                #expect(done.hasSuffix("1 tags and 2 untagged manifests deleted, 2 tags kept\n"), "\(done)")
                for reference in ["old", untagged] {
                    #expect(try await status("ci/app/manifests/\(reference)", server) == 404)
                }
                for path in ["ci/app/manifests/new", "ci/app/manifests/v1", "other/manifests/old"] {
                    #expect(try await status(path, server) == 200)
                }
                try await push("newer", "ci/app", "newer", to: server)
                try await server.running.stop()
                try age(root, "ci/app/_manifests/tags/new", hours: 1)
                let again = try await Program.longshore.run(["prune", "--quiet", file]).succeeded().text
                #expect(again == "1 tags and 1 untagged manifests deleted, 2 tags kept\n")
                #expect(
                    !FileManager.default.fileExists(
                        atPath: "\(root)/docker/registry/v2/repositories/ci/app/_manifests/tags/new/current/link"
                    )
                )
            }
        }

        @Test("the server applies the rules before it collects", .needs("curl"))
        func online() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let text = configuration(
                    root,
                    "retention: [{keep: {last: 1}}]",
                    collection: "{enabled: true, interval: 1s, grace: 24h}"
                )
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    try await push("a", "app", "a", to: server)
                    try await push("b", "app", "b", to: server)
                    let link = "\(root)/docker/registry/v2/repositories/app/_manifests/tags/a/current/link"
                    try await server.running.waitUntil { !FileManager.default.fileExists(atPath: link) }
                    #expect(try await status("app/manifests/a", server) == 404)
                    #expect(try await status("app/manifests/b", server) == 200)
                    #expect(try server.logCount("tag deleted by retention") == 1)
                }
            }
        }

        @Test("says what is wrong in a sentence")
        func refusals() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let none = try await Program.longshore.run(["prune", "--root", root])
                #expect(none.status == 1 && none.errorText.contains("the configuration has no retention rules"))
                let text = configuration(root, "retention: [{repositories: ['a:b'], keep: {last: 1}}]")
                let file = try directory.write(Data(text.utf8), to: "config.yml")
                let colon = try await Program.longshore.run(["prune", file])
                #expect(colon.status == 1)
                #expect(colon.errorText.contains("retention.0: no repository name can match 'a:b', which has a colon"))
            }
        }

        @Test("SIGHUP makes tags immutable, and lets them go", .needs("curl"))
        func reloads() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let file = directory.path("config.yml")
                try await withLongshore(configuration: configuration(root, ""), in: file) { server in
                    let first = try await push("a", "app", "v1", to: server)
                    let second = try await push("b", "app", "latest", to: server)
                    let manifest = try await Curl.request(
                        server.url("/v2/app/manifests/\(second)"),
                        Curl.acceptsManifests
                    ).text
                    let body = try directory.write(Data(manifest.utf8), to: "manifest")
                    let put = ["-X", "PUT", "-H", "Content-Type: \(V2Push.imageType)", "--data-binary", "@\(body)"]
                    let rules = [("immutable: [{tags: ['v*']}]", 412), ("immutable: [{tags: ['x*']}]", 201)]
                    for (index, (rule, status)) in rules.enumerated() {
                        try configuration(root, rule).write(toFile: file, atomically: true, encoding: .utf8)
                        server.running.send(SIGHUP)
                        try await server.running.waitUntil { try server.logCount("msg=reloaded") == index + 1 }
                        #expect(try await self.status("app/manifests/v1", server) == 200)
                        let answer = try await Curl.request(server.url("/v2/app/manifests/v1"), put)
                        #expect(answer.status == status, "\(answer.text)")
                        let served = try await Curl.request(
                            server.url("/v2/app/manifests/v1"),
                            Curl.acceptsManifests
                        ).headers["docker-content-digest"]
                        #expect(served == (status == 412 ? first : second))
                    }
                    #expect(try server.logCount("these changes take effect after a restart") == 0)
                }
            }
        }

        @Test("bind the commands, with and without a server", .needs("curl"))
        func commands() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let file = directory.path("config.yml")
                let text = configuration(root, "immutable: [{tags: ['v*']}]")
                try await withLongshore(configuration: text, in: file) { server in
                    try await push("a", "app", "v1", to: server)
                    let other = try await push("b", "app", "latest", to: server)
                    try await refuses([["tag", "set", "app:v1", other], ["tag", "delete", "app:v1"]], file)
                    try await refuses([["repository", "delete", "app"]], file)
                }
                try await refuses([["tag", "set", "app:v1", "latest"], ["tag", "delete", "app:v1"]], file)
                try await refuses([["repository", "delete", "app"]], file)
                try await withLongshore(configuration: text, in: file) { server in
                    let manifest = try await Curl.request(server.url("/v2/app/manifests/v1"), Curl.acceptsManifests)
                    #expect(manifest.status == 200)
                    let digest = try #require(manifest.text.firstMatch(of: /sha256:[0-9a-f]{64}/)).0
                    #expect(try await Curl.request(server.url("/v2/app/blobs/\(digest)")).text == "{\"author\":\"a\"}")
                }
            }
        }

        private func refuses(_ commands: [[String]], _ file: String) async throws {
            for words in commands {
                let result = try await Program.longshore.run(words + ["--config", file])
                #expect(
                    result.status == 1 && result.errorText.contains("is immutable by the rule"),
                    "\(words): \(result.text)\(result.errorText)"
                )
            }
        }

        @Test("bind a migration that knows the configuration")
        func migration() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("shared", in: directory)
                let new = directory.path("new")
                _ = try await migrate(tree.path, new).succeeded()
                let text = configuration(new, "immutable: [{repositories: ['bob/*']}]")
                let file = try directory.write(Data(text.utf8), to: "config.yml")
                // The other format gives every image another digest.
                let bound = try await migrate(tree.path, new, ["--format", "oci", "--config", file])
                #expect(bound.status == 1)
                #expect(
                    bound.text.contains("the tag latest of bob/app is immutable by the rule bob/* *"),
                    "\(bound.text)"
                )
                _ = try await migrate(tree.path, new, ["--format", "oci"]).succeeded()
            }
        }
    }
}
