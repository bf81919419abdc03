import Foundation
import Testing

extension Integration {
    @Suite("pushed and pulled by v2") struct RoundTripTests {
        @Test(
            "what skopeo pushes comes out as it went in",
            .needs("curl", "skopeo", "docker-registry"),
            arguments: ["oci", "v2s2"]
        )
        func roundTrip(format: String) async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                let image = try await makeImage(directory)
                let pushed = try await withLongshore(serving: root) { server in
                    let reference = "docker://\(server.host)/some/where/image:v1"
                    _ = try await Skopeo.copy(image, reference, ["--format", format]).succeeded()
                    let pulled = try await PulledImage(
                        "\(server.host)/some/where/image:v1",
                        into: directory.path("out")
                    )
                    #expect(pulled.layerDigests.count == 4)
                    let tags = try await Curl.request(server.url("/v2/some/where/image/tags/list"))
                    #expect(tags.text.contains(#""v1""#))
                    let catalogue = try await Curl.request(server.url("/v2/_catalog"))
                    #expect(catalogue.text.contains("some/where/image"))
                    return try manifest(directory.path("out"))
                }
                // registry:2 can serve what a push leaves on disk.
                try await withDockerRegistry(serving: root) { host in
                    _ = try await PulledImage("\(host)/some/where/image:v1", into: directory.path("again"))
                    #expect(try manifest(directory.path("again")) == pushed)
                }
                #expect(try await halfMade(in: root) == [])
            }
        }

        @Test("what was pushed to registry:2 is served unchanged", .needs("skopeo", "docker-registry"))
        func takenOver() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let image = try await makeImage(directory)
                let original = try await withDockerRegistry(serving: root) { host in
                    _ = try await Skopeo.copy(image, "docker://\(host)/a/b:c").succeeded()
                    _ = try await PulledImage("\(host)/a/b:c", into: directory.path("before"))
                    return try manifest(directory.path("before"))
                }
                try await withLongshore(serving: root) { server in
                    _ = try await PulledImage("\(server.host)/a/b:c", into: directory.path("after"))
                    #expect(try manifest(directory.path("after")) == original)
                }
            }
        }

        @Test(
            "podman and buildah pull and push",
            .needsRoot,
            .needs("curl", "podman", "buildah"),
            arguments: ["podman", "buildah"]
        )
        func otherClients(name: String) async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path) { server in
                    let client = try Program(name)
                    let storage = [
                        "--root", directory.path("storage"), "--runroot", directory.path("run"), "--storage-driver",
                        "vfs",
                    ]
                    let reference = "\(server.host)/centos:app"
                    _ = try await client.run(storage + ["pull", "--tls-verify=false", reference]).succeeded()
                    let copy = "\(server.host)/copies/\(name):1"
                    _ = try await client.run(storage + ["tag", reference, copy]).succeeded()
                    let file = directory.path("digest")
                    let push = ["push", "--tls-verify=false", "--digestfile", file, copy]
                    _ = try await client.run(storage + push).succeeded()
                    let pushed = try String(contentsOfFile: file, encoding: .utf8)
                    let head = try await Curl.request(
                        server.url("/v2/copies/\(name)/manifests/1"),
                        ["-H", "Accept: */*"]
                    )
                    #expect(
                        head.headers["docker-content-digest"] == pushed.trimmingCharacters(in: .whitespacesAndNewlines)
                    )
                    let original = try await PulledImage(reference, into: directory.path("original"))
                    let image = try await PulledImage(copy, into: directory.path("out"))
                    #expect(image.imageID == original.imageID)
                    #expect(image.configuration == original.configuration)
                }
            }
        }

        /// An image of four layers, as an OCI image layout.
        private func makeImage(_ directory: TemporaryDirectory) async throws -> String {
            let tree = try await GoldenTree("centos6-like", in: directory)
            let image = "oci:\(directory.path("image")):v1"
            try await withLongshore(serving: tree.path) { server in
                _ = try await Skopeo.copy("docker://\(server.host)/centos:app", image).succeeded()
            }
            return image
        }

        private func manifest(_ directory: String) throws -> Data {
            try Data(contentsOf: URL(filePath: "\(directory)/manifest.json"))
        }
    }
}
