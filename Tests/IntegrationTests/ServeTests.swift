import Foundation
import Testing

extension Integration {
    @Suite("serve") struct ServeTests {
        @Test("returns 404s in docker-registry's words for an empty directory", .needs("curl"))
        func emptySearch() async throws {
            try await withTemporaryDirectory { directory in
                try await withLongshore(serving: directory.path("registry")) { server in
                    let answer = try await Curl.request(server.url("/v1/search"))
                    #expect(answer.status == 200)
                    #expect(answer.text == #"{"num_results": 0, "query": "", "results": []}"#)
                }
            }
        }

        @Test(
            "lets v1 clients delete in a new directory, even after restarts, but not in registry:2's",
            .needs("curl")
        )
        func v1Deletes() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                for _ in 1...2 {
                    try await withLongshore(serving: root) { server in
                        try await V1Push("ubuntu", to: server).run()
                        let tag = server.url("/v1/repositories/ubuntu/tags/latest")
                        #expect(try await Curl.request(tag, ["-X", "DELETE"]).status == 200)
                    }
                    // As after pushes through v2 only.
                    for name in ["repositories", "images"] {
                        try FileManager.default.removeItem(atPath: "\(root)/\(name)")
                    }
                    try directory.makeDirectory("registry/docker/registry/v2")
                }
                let other = try directory.makeDirectory("other/docker/registry/v2")
                let served = String(other.dropLast("/docker/registry/v2".count))
                try await withLongshore(serving: served) { server in
                    let tag = server.url("/v1/repositories/ubuntu/tags/latest")
                    let answer = try await Curl.request(tag, ["-X", "DELETE"])
                    #expect(answer.status == 405 && answer.text.contains("set legacy.delete "))
                }
            }
        }

        @Test("lists every repository of docker-registry's directory in a search", .needs("curl"))
        func search() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let names = try repositories(of: tree.path)
                #expect(names.count == 59)
                try await withLongshore(serving: tree.path) { server in
                    let answer = try await Curl.request(server.url("/v1/search"))
                    let found = try JSONDecoder().decode(SearchResults.self, from: answer.body)
                    #expect(found.results.map(\.name).sorted() == names.sorted())
                    #expect(found.numResults == names.count)
                    let some = try await Curl.request(server.url("/v1/search?q=centos"))
                    let centos = try JSONDecoder().decode(SearchResults.self, from: some.body)
                    #expect(centos.results.map(\.name) == ["library/centos"])
                }
            }
        }

        @Test(
            "gives v2 clients every tag of a v1 repository",
            .needs("skopeo"),
            arguments: ["6", "app", "centos6", "latest"]
        )
        func pull(tag: String) async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                try await withLongshore(serving: tree.path) { server in
                    let image = try await PulledImage("\(server.host)/centos:\(tag)", into: directory.path("pulled"))
                    let about = try await Skopeo.inspect("\(server.host)/centos:\(tag)").succeeded()
                    let inspected = try JSONDecoder().decode(Inspection.self, from: about.output)
                    #expect(inspected.repoTags == ["6", "app", "centos6", "latest"])
                    #expect(inspected.layers == image.layerDigests)
                    #expect(inspected.architecture == "amd64")
                }
            }
        }

        @Test("gives v2 clients the configuration that Docker computes from a v1 image", .needs("skopeo"))
        func configurations() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let cases = try FileManager.default.contentsOfDirectory(atPath: "\(tree)/repositories/golden").sorted()
                #expect(cases.count == 14)
                try await withLongshore(serving: tree) { server in
                    for name in cases {
                        let reference = "\(server.host)/golden/\(name):latest"
                        let image = try await PulledImage(reference, into: directory.path(name))
                        #expect(try image.configuration == GoldenTree.bytes("engine/\(name)/config.json"), "\(name)")
                        let imageID = String(
                            decoding: try GoldenTree.bytes("engine/\(name)/imageid.txt"),
                            as: UTF8.self
                        )
                        #expect(image.imageID == imageID.trimmingCharacters(in: .whitespacesAndNewlines), "\(name)")
                    }
                }
            }
        }

        @Test("converts an image once, however many clients request it at the same time", .needs("curl"))
        func oneConversion() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path, options: ["--legacy-convert", "on-access"]) { server in
                    let answers = try await withThrowingTaskGroup(of: Curl.Answer.self) { group in
                        for _ in 0..<20 {
                            group.addTask {
                                let url = server.url("/v2/centos/manifests/app")
                                return try await Curl.request(url, Curl.acceptsManifests)
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(answers.count == 20)
                    #expect(answers.allSatisfy { $0.status == 200 })
                    #expect(Set(answers.map(\.body)).count == 1)
                    #expect(Set(answers.map { $0.headers["docker-content-digest"] ?? "" }).count == 1)
                    #expect(try server.logCount("v1 image converted") == 1)
                }
            }
        }

        @Test("converts images in the background before anyone requests them", .needs("curl"))
        func background() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                try await withLongshore(serving: tree.path, options: ["--legacy-convert", "background"]) { server in
                    // All but the two whose push never ended, which v1 cannot pull either.
                    let soundTagCount = 44
                    let repositories = "\(tree.path)/docker/registry/v2/repositories"
                    try await server.running.waitUntil {
                        guard FileManager.default.fileExists(atPath: repositories) else { return false }
                        let paths = try FileManager.default.subpathsOfDirectory(atPath: repositories)
                        return paths.count { $0.hasSuffix("/current/link") } == soundTagCount
                    }
                    let damaged = try await Curl.request(server.url("/v2/dmg/badlayer/manifests/latest"))
                    #expect(damaged.status == 404)
                    #expect(damaged.text.contains("MANIFEST_UNKNOWN"))
                    #expect(damaged.text.contains("does not have the stored checksum"))
                }
                #expect(try await halfMade(in: tree.path) == [])
            }
        }

        @Test(
            "reports repositories that docker-registry kept private, even read-only",
            arguments: [true, false]
        )
        func privateRepositories(isReadOnly: Bool) async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try directory.makeDirectory("registry/repositories/library/open")
                try directory.makeDirectory("registry/repositories/team/secret")
                try directory.write(Data(), to: "registry/repositories/team/secret/_private")
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(root)}, maintenance: {readonly: {enabled: \(isReadOnly)}}}
                    """
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    let message =
                        "repositories are marked private in the v1 tree, which has no effect: access rules decide"
                    try await server.running.waitUntil { try server.logCount(message) > 0 }
                    let lines = try server.running.errorText.split(separator: "\n").filter { $0.contains(message) }
                    #expect(lines.count == 1)
                    #expect(lines.allSatisfy { $0.contains("count=1") && $0.contains("team/secret") }, "\(lines)")
                }
            }
        }

        private func repositories(of tree: String) throws -> [String] {
            let files = FileManager.default
            return try files.contentsOfDirectory(atPath: "\(tree)/repositories").flatMap { namespace in
                let path = "\(tree)/repositories/\(namespace)"
                guard try files.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeDirectory else {
                    return [String]()
                }
                let unquoted = { (name: String) in name.replacing("%252F", with: "/") }
                return try files.contentsOfDirectory(atPath: path).map { "\(namespace)/\(unquoted($0))" }
            }
        }
    }
}

/// The response to a v1 search.
private struct SearchResults: Decodable {
    struct Result: Decodable { let name: String }

    let numResults: Int
    let results: [Result]

    enum CodingKeys: String, CodingKey {
        case numResults = "num_results"
        case results
    }
}

/// What `skopeo inspect` prints.
private struct Inspection: Decodable {
    let repoTags: [String]
    let layers: [String]
    let architecture: String

    enum CodingKeys: String, CodingKey {
        case repoTags = "RepoTags"
        case layers = "Layers"
        case architecture = "Architecture"
    }
}
