import Foundation
import Testing

extension Integration {
    @Suite("longshore verify") struct VerifyTests {
        /// A report in JSON, as far as tests read it.
        private struct Report: Decodable {
            struct Finding: Decodable {
                let kind: String
                let key: String
                let detail: String
                let repositories: [String]
                let tags: [String]
                let repair: String?
            }

            let findings: [Finding]
            let blobCount: Int
            let layerCount: Int

            var lines: [String] { findings.map { "\($0.kind) \($0.key) \($0.detail)" } }
        }

        private func verify(_ root: String, _ options: [String] = []) async throws -> (Report, ProgramResult) {
            let result = try await Program.longshore.run(["verify", "--json", "--root", root] + options)
            guard result.status < 2 else {
                throw ProgramFailure(status: result.status, text: "", errorText: result.errorText)
            }
            return (try JSONDecoder().decode(Report.self, from: result.output), result)
        }

        private func blob(_ digest: String, in root: String) -> String {
            let hex = digest.dropFirst(7)
            return "\(root)/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
        }

        /// Whether a blob becomes absent: what was just read may still be cached.
        private func becomesAbsent(_ url: String) async throws -> Bool {
            for _ in 0..<200 {
                if try await Curl.request(url).status == 404 { return true }
                try await Task.sleep(for: .milliseconds(50))
            }
            return false
        }

        @Test(
            "finds nothing in what docker-registry wrote, and changes nothing",
            arguments: [
                "centos6-like", "shared", "multitag", "emptylayers", "formats", "private", "inprogress",
                "special-names",
            ]
        )
        func golden(tree: String) async throws {
            try await withTemporaryDirectory { directory in
                let root = try await GoldenTree(tree, in: directory).path
                let before = try FileListing(of: root)
                let (report, result) = try await verify(root)
                #expect(report.lines == [] && result.status == 0)
                #expect(report.layerCount > 0 || tree == "inprogress")
                #expect(try FileListing(of: root) == before)
            }
        }

        @Test("finds nothing in trees of engines, before and after they are converted")
        func engines() async throws {
            try await withTemporaryDirectory { directory in
                let root = try await GoldenTree.engines(in: directory)
                #expect(try await verify(root).0.lines == [])
                _ = try await migrate(root, root).succeeded()
                let (report, _) = try await verify(root)
                #expect(report.lines == [] && report.blobCount > 20)
            }
        }

        @Test("finds every image that was damaged by hand")
        func damaged() async throws {
            try await withTemporaryDirectory { directory in
                let root = try await GoldenTree("damaged", in: directory).path
                let (report, result) = try await verify(root)
                #expect(result.status == 1)
                let named = Set(
                    report.findings.flatMap(\.repositories).map { String($0.split(separator: "/").last ?? "") }
                )
                let expected: Set = [
                    "badlayer", "shortlayer", "nolayer", "zerolayer", "nojson", "badjson", "noancestry", "badancestry",
                    "ancestryloop", "oldchecksum", "twochecksums", "badchecksum", "numchecksum", "noparent", "midgone",
                    "wrongid", "dangling", "tagnl", "tagquoted", "tagempty", "tagjunk", "badindex",
                ]
                #expect(named == expected, "\(named.symmetricDifference(expected)) \(report.lines)")
            }
        }

        @Test(
            "finds nothing in what registry:2 wrote, also after it collected garbage",
            .needs("skopeo", "docker-registry")
        )
        func distribution() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: tree) { source in
                    try await withDockerRegistry(serving: root) { host in
                        for name in ["engine-133", "engine-150"] {
                            let arguments = [
                                "copy", "--src-tls-verify=false", "--dest-tls-verify=false",
                                "docker://\(source.host)/golden/\(name)", "docker://\(host)/a/\(name)",
                            ]
                            // The images hold one layer twice. While skopeo pushes it for the first time, registry:2
                            // can answer the HEAD for the second with 500: its links are not written atomically.
                            let first = try await Program("skopeo").run(arguments)
                            if first.status != 0 {
                                #expect(first.errorText.contains("500 (Internal Server Error)"))
                                _ = try await Program("skopeo").run(arguments).succeeded()
                            }
                        }
                        let url = "http://\(host)/v2/a/engine-133/manifests/latest"
                        let digest = try await Curl.request(url, Curl.acceptsManifests).headers["docker-content-digest"]
                        let gone = "http://\(host)/v2/a/engine-133/manifests/\(try #require(digest))"
                        #expect(try await Curl.request(gone, ["-X", "DELETE"]).status == 202)
                    }
                }
                #expect(try await verify(root).0.lines == [])
                let config = try directory.write(
                    Data("{version: 0.1, storage: {filesystem: {rootdirectory: \(root)}}}".utf8),
                    to: "config.yml"
                )
                _ = try await Program("docker-registry").run(["garbage-collect", config]).succeeded()
                let (report, _) = try await verify(root)
                #expect(report.lines == [] && report.blobCount > 0)
            }
        }

        @Test("a running server verifies and repairs; a push replaces what it set aside", .needs("curl"))
        func online() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    let push = V2Push("a/b", to: server)
                    let configuration = try await push.blob(Data("{\"author\":\"x\"}".utf8), V2Push.imageType)
                    let manifest = Data("{\"schemaVersion\":2,\"config\":\(configuration),\"layers\":[]}".utf8)
                    try await push.manifest(manifest, as: "t")
                    #expect(try await verify(root).0.lines == [])
                    let digest = try #require(configuration.firstMatch(of: /sha256:[0-9a-f]{64}/)).0
                    let file = blob(String(digest), in: root)
                    try Data("{\"author\":\"y\"}".utf8).write(to: URL(filePath: file))
                    let (found, status) = try await verify(root)
                    #expect(status.status == 1 && found.findings.map(\.kind) == ["damaged-blob"])
                    #expect(found.findings.first?.tags == ["a/b:t"] && found.findings.first?.repair == nil)
                    #expect(try server.logCount("tags=a/b:t") == 1)
                    let path = directory.path("report.json")
                    let repaired = try await Program.longshore.run([
                        "verify", "--repair", "--report", path, "--root", root,
                    ])
                    #expect(repaired.status == 1 && repaired.text.contains("set aside as longshore/quarantine/"))
                    let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(filePath: path)))
                    #expect(report.findings.count == 1)
                    let url = server.url("/v2/a/b/blobs/\(digest)")
                    #expect(try await becomesAbsent(url))
                    let places = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/longshore/quarantine")
                    #expect(places.contains { $0.contains("\(digest.dropFirst(7))/data/") })
                    _ = try await push.blob(Data("{\"author\":\"x\"}".utf8), V2Push.imageType)
                    #expect(try await Curl.request(url).text == "{\"author\":\"x\"}")
                    #expect(try await verify(root).0.lines == [])
                    let text = try await Program.longshore.run(["verify", "--root", root]).succeeded().text
                    #expect(text.contains("everything is intact") && text.contains("set aside: longshore/quarantine/"))
                }
            }
        }

        @Test("the server verifies by itself: a damaged blob counts as missing until it is pushed", .needs("curl"))
        func scrub() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let bytes = Data("{\"author\":\"x\"}".utf8)
                var digest = ""
                try await withLongshore(serving: root) { server in
                    let push = V2Push("a/b", to: server)
                    let configuration = try await push.blob(bytes, V2Push.imageType)
                    let manifest = Data("{\"schemaVersion\":2,\"config\":\(configuration),\"layers\":[]}".utf8)
                    try await push.manifest(manifest, as: "t")
                    digest = String(try #require(configuration.firstMatch(of: /sha256:[0-9a-f]{64}/)).0)
                }
                try Data("{\"author\":\"y\"}".utf8).write(to: URL(filePath: blob(digest, in: root)))
                let text = """
                    version: 0.1
                    storage:
                      filesystem: {rootdirectory: \(root)}
                      maintenance: {scrub: {enabled: true, rate: 100}}
                    """
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    let url = server.url("/v2/a/b/blobs/\(digest)")
                    try await server.running.waitUntil { try server.logCount("damage found") > 0 }
                    #expect(try server.logCount("tags=a/b:t") == 1)
                    #expect(try await becomesAbsent(url))
                    _ = try await V2Push("a/b", to: server).blob(bytes, V2Push.imageType)
                    #expect(try await Curl.request(url).text == "{\"author\":\"x\"}")
                }
                #expect(try await verify(root).0.lines == [])
            }
        }

        @Test("says what is wrong in a sentence, with the status 2")
        func refusals() async throws {
            let absent = try await Program.longshore.run(["verify", "--root", "/nowhere"])
            #expect(absent.status == 2 && absent.errorText.contains("/nowhere"))
            let report = try await Program.longshore.run(["verify", "--root", "/", "--report", "/nowhere/report.json"])
            #expect(report.status == 2 && report.errorText.contains("/nowhere"))
        }
    }
}
