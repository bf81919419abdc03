import Foundation
import Testing

extension Integration {
    @Suite("one directory, served by registry:2 and by us in turn") struct ExchangeTests {
        @Test("every manifest and blob that registry:2 wrote is served", .needs("skopeo", "docker-registry"))
        func takenOver() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withDockerRegistry(serving: root) { try await push(to: $0, directory) }
                try await withLongshore(serving: root) { server in
                    try await expectEverything(in: root, at: server.host)
                    let listed = try await Curl.request(server.url("/v2/_catalog")).text
                    #expect(listed == "{\"repositories\":[\"a\",\"a/b\",\"a/b-c\",\"deep/er/name\"]}")
                }
            }
        }

        @Test("every manifest and blob that we wrote is served by registry:2", .needs("skopeo", "docker-registry"))
        func givenBack() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { try await push(to: $0.host, directory) }
                try await withDockerRegistry(serving: root) { host in
                    try await expectEverything(in: root, at: host)
                    for (repository, _) in Self.pushes {
                        let tags = try await Curl.request("http://\(host)/v2/\(repository)/tags/list")
                        #expect(tags.text.contains("\"v1\""))
                    }
                }
            }
        }

        /// Repositories, and the form in which an image is pushed to each.
        private static let pushes = [("a", "v2s2"), ("a/b", "oci"), ("a/b-c", "oci"), ("deep/er/name", "v2s2")]

        private func push(to host: String, _ directory: TemporaryDirectory) async throws {
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
        }

        /// Fetches whatever the directory links, and holds its digest against its bytes.
        private func expectEverything(in root: String, at host: String) async throws {
            let directory = "\(root)/docker/registry/v2/repositories"
            var count = 0
            for path in try FileManager.default.subpathsOfDirectory(atPath: directory) where path.hasSuffix("/link") {
                guard let match = path.wholeMatch(of: /(.+)\/_(layers|manifests\/revisions)\/sha256\/([0-9a-f]+)\/link/)
                else { continue }
                let kind = match.2 == "layers" ? "blobs" : "manifests"
                let url = "http://\(host)/v2/\(match.1)/\(kind)/sha256:\(match.3)"
                let accept = "-H 'Accept: application/vnd.oci.image.manifest.v1+json' -H 'Accept: */*'"
                #expect(try await sha256(of: "curl -sf \(accept) '\(url)'") == "sha256:\(match.3)", "\(url)")
                count += 1
            }
            #expect(count > 4 * Self.pushes.count)
        }
    }
}
