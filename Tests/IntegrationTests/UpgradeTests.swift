import Foundation
import TestSupport
import Testing

extension Integration {
    @Suite("migrate --upgrade-schema1", .needs("skopeo", "docker-registry")) struct UpgradeTests {
        @Test(
            "what was pushed as schema1 is pulled as schema2 from registry:2, and everything else is unchanged",
            .needs("curl")
        )
        func inPlace() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("v2")
                let digest = try await push(to: root, in: directory)
                let file = directory.path("report.json")
                let options = ["--upgrade-schema1", "--report", file]
                let result = try await migrate(root, root, options).succeeded()
                #expect(result.text.contains("1 tags converted"), "\(result.text)")
                let report = try MigrationReportDocument(at: file)
                #expect(report.totals.bytesCopied == 0)
                try await withDockerRegistry(serving: root) { host in
                    let image = try await PulledImage("\(host)/era:old", into: directory.path("pulled"))
                    #expect(image.imageID == report.tags.first?.imageID)
                    _ = try await PulledImage("\(host)/era:new", into: directory.path("new"))
                }
                try await withLongshore(serving: root) { server in
                    let old = try await Curl.request(
                        server.url("/v2/era/manifests/\(digest)"),
                        ["-H", "Accept: application/vnd.docker.distribution.manifest.v1+prettyjws"]
                    )
                    #expect(old.status == 200)
                    #expect(old.headers["docker-content-digest"] == digest)
                }
                let again = try await migrate(root, root, options).succeeded()
                #expect(again.text.contains("Nothing to do"), "\(again.text)")
            }
        }

        @Test("an image layout gets the schema1 images, and a directory without v2 is refused", .needs("curl"))
        func layout() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("v2")
                _ = try await push(to: root, in: directory)
                let layout = directory.path("layout")
                _ = try await migrate(root, "oci:\(layout)", ["--upgrade-schema1"]).succeeded()
                let copied = try await Skopeo.copy("oci:\(layout):era:old", "dir:\(directory.path("out"))")
                #expect(copied.status == 0, "\(copied.errorText)")
                let other = try await migrate(directory.path, directory.path("x"), ["--upgrade-schema1"])
                #expect(other.status == 2)
                #expect(other.errorText.contains("is not a v2 registry's directory"))
                let without = try await migrate(root, directory.path("x"))
                #expect(without.status == 2)
                #expect(without.errorText.contains("--upgrade-schema1"))
            }
        }

        /// Pushes one image as schema1 and as schema2, and returns the digest of the first.
        private func push(to root: String, in directory: TemporaryDirectory) async throws -> String {
            let tree = try await GoldenTree.engines(in: directory)
            return try await withLongshore(serving: tree) { source in
                let image = "docker://\(source.host)/golden/engine-191:latest"
                return try await withLongshore(serving: root) { server in
                    for (tag, format) in [("old", "v2s1"), ("new", "v2s2")] {
                        let target = "docker://\(server.host)/era:\(tag)"
                        _ = try await Skopeo.copy(image, target, ["--format", format]).succeeded()
                    }
                    let answer = try await Curl.request(
                        server.url("/v2/era/manifests/old"),
                        ["-H", "Accept: application/vnd.docker.distribution.manifest.v1+prettyjws"]
                    )
                    return answer.headers["docker-content-digest"] ?? ""
                }
            }
        }
    }
}
