import Foundation
import Testing

extension Integration {
    @Suite("one directory, served by registry:2 and by us in turn") struct ExchangeTests {
        @Test("every manifest and blob that registry:2 wrote is served", .needs("curl", "skopeo", "docker-registry"))
        func takenOver() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let digests = try await withDockerRegistry(serving: root) { try await push(to: $0, directory) }
                try await withLongshore(serving: root) { server in
                    try await expectEverything(in: root, at: server.host, digests, directory)
                    let image = try #require(digests[Self.withArtifacts]?["v1"])
                    let list = server.url("/v2/\(Self.withArtifacts)/referrers/\(image)")
                    let artifact = try #require(digests[Self.withArtifacts]?["artifact"])
                    let referrers = try await Curl.request(list).text
                    #expect(referrers.matches(of: /"digest":"([^"]+)"/).map { String($0.1) } == [artifact])
                    let listed = try await Curl.request(server.url("/v2/_catalog")).text
                    #expect(listed == "{\"repositories\":[\"a\",\"a/b\",\"a/b-c\",\"deep/er/name\"]}")
                }
            }
        }

        @Test(
            "every manifest and blob that we wrote is served by registry:2",
            .needs("curl", "skopeo", "docker-registry")
        )
        func givenBack() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let digests = try await withLongshore(serving: root, options: ["--delete"]) {
                    try await push(to: $0.host, directory)
                }
                try await withDockerRegistry(serving: root) {
                    try await expectEverything(in: root, at: $0, digests, directory)
                }
            }
        }

        /// Repositories, and the format in which an image is pushed to each.
        private static let pushes = [("a", "v2s2"), ("a/b", "oci"), ("a/b-c", "oci"), ("deep/er/name", "v2s2")]

        /// The repository that also gets an index, an artifact and a deleted tag.
        private static let withArtifacts = "a/b"

        /// - Returns: What each tag of each repository points to.
        private func push(to host: String, _ directory: TemporaryDirectory) async throws -> [String: [String: String]] {
            let tree = try await GoldenTree("centos6-like", in: directory)
            try await withLongshore(serving: tree.path) { source in
                for (repository, format) in Self.pushes {
                    let destination = "docker://\(host)/\(repository):v1"
                    let options = ["--format", format]
                    let image = "docker://\(source.host)/centos:app"
                    _ = try await Skopeo.copy(image, destination, options).succeeded()
                }
            }
            try FileManager.default.removeItem(atPath: tree.path)
            try await artifacts(Self.withArtifacts, host, directory).push(about: "v1")
            let digests = try await digests(host, directory)
            #expect(digests[Self.withArtifacts]?.keys.sorted() == ["artifact", "index", "v1"])
            return digests
        }

        private func artifacts(_ repository: String, _ host: String, _ directory: TemporaryDirectory) -> PushedArtifacts
        {
            PushedArtifacts(url: "http://\(host)/v2/\(repository)", directory: directory)
        }

        private func digests(_ host: String, _ directory: TemporaryDirectory) async throws -> [String: [String: String]]
        {
            var digests: [String: [String: String]] = [:]
            for (repository, _) in Self.pushes {
                digests[repository] = try await artifacts(repository, host, directory).digests()
            }
            return digests
        }

        /// Fetches everything the directory links to, and checks the digests; and every tag's.
        private func expectEverything(
            in root: String,
            at host: String,
            _ expected: [String: [String: String]],
            _ directory: TemporaryDirectory
        ) async throws {
            #expect(try await digests(host, directory) == expected)
            let gone = try await Curl.request("http://\(host)/v2/\(Self.withArtifacts)/manifests/gone")
            #expect(gone.status == 404)
            try await expectLinks(in: root, at: host)
        }

        private func expectLinks(in root: String, at host: String) async throws {
            let directory = "\(root)/docker/registry/v2/repositories"
            var count = 0
            for path in try FileManager.default.subpathsOfDirectory(atPath: directory) where path.hasSuffix("/link") {
                guard let match = path.wholeMatch(of: /(.+)\/_(layers|manifests\/revisions)\/sha256\/([0-9a-f]+)\/link/)
                else { continue }
                let kind = match.2 == "layers" ? "blobs" : "manifests"
                let url = "http://\(host)/v2/\(match.1)/\(kind)/sha256:\(match.3)"
                let types = [
                    "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json", "*/*",
                ]
                let accept = types.map { "-H 'Accept: \($0)'" }.joined(separator: " ")
                #expect(try await sha256(of: "curl -sf \(accept) '\(url)'") == "sha256:\(match.3)", "\(url)")
                count += 1
            }
            #expect(count > 4 * Self.pushes.count)
        }
    }
}
