import Foundation
import Testing

extension Integration {
    @Suite("a Docker engine") struct EngineTests {
        @Test("pulls what v1 contains, and pushes", .needsRoot, .needs("dockerd", "docker", "skopeo"))
        func pullAndPush() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                try await withLongshore(serving: tree) { server in
                    try await Engine.run(in: directory) { engine in
                        let reference = "\(server.host)/golden/engine-191:latest"
                        _ = try await engine(["pull", reference]).succeeded()
                        let id = try await engine(["image", "inspect", "--format", "{{.Id}}", reference]).succeeded()
                            .text
                        #expect(try Data(id.trimmingCharacters(in: .newlines).utf8) == imageID())
                        let copy = "\(server.host)/copies/engine-191:pushed"
                        _ = try await engine(["tag", reference, copy]).succeeded()
                        _ = try await engine(["push", copy]).succeeded()
                        let pulled = try await PulledImage(copy, into: directory.path("out"))
                        #expect(try Data(pulled.imageID.utf8) == imageID())
                        let found = try await engine(["search", "\(server.host)/engine-191"]).succeeded()
                        #expect(found.text.contains("golden/engine-191"))
                        let nested = "\(server.host)/deep/er/name"
                        _ = try await engine(["tag", reference, "\(nested):1"]).succeeded()
                        _ = try await engine(["push", "\(nested):1"]).succeeded()
                        let deep = try await engine(["search", "\(server.host)/er"]).succeeded()
                        #expect(deep.text.contains("deep/er/name"))
                    }
                }
            }
        }

        @Test(
            "pushes every tag, pulls by digest, and makes a manifest list",
            .needsRoot,
            .needs("curl", "dockerd", "docker", "skopeo")
        )
        func tagsDigestsAndLists() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                try await withLongshore(serving: tree) { server in
                    try await Engine.run(in: directory) { engine in
                        let source = "\(server.host)/golden/engine-191:latest"
                        let repository = "\(server.host)/many/tags"
                        _ = try await engine(["pull", source]).succeeded()
                        for tag in ["one", "two", "three"] {
                            _ = try await engine(["tag", source, "\(repository):\(tag)"]).succeeded()
                        }
                        let pushed = try await engine(["push", "--all-tags", repository]).succeeded().text
                        let digest = try #require(pushed.firstMatch(of: /digest: (sha256:[0-9a-f]{64})/)).1
                        let tags = try await Curl.request(server.url("/v2/many/tags/tags/list"))
                        #expect(tags.text == "{\"name\":\"many/tags\",\"tags\":[\"one\",\"three\",\"two\"]}")
                        _ = try await engine(
                            ["rmi", "--force"] + ["one", "two", "three"].map { "\(repository):\($0)" }
                        )
                        .succeeded()
                        let pulled = try await engine(["pull", "\(repository)@\(digest)"]).succeeded().text
                        #expect(pulled.contains("Digest: \(digest)"))
                        let list = "\(server.host)/many/list:1"
                        let create = ["manifest", "create", "--insecure", list, "\(repository):one"]
                        _ = try await engine(create).succeeded()
                        let annotate = ["manifest", "annotate", "--arch", "arm64", list, "\(repository):one"]
                        _ = try await engine(annotate).succeeded()
                        _ = try await engine(["manifest", "push", "--insecure", list]).succeeded()
                        let shown = try await engine(["manifest", "inspect", "--insecure", list]).succeeded().text
                        #expect(shown.contains("manifest.list.v2+json") && shown.contains("arm64"))
                    }
                }
            }
        }

        @Test("pulls schema1, by tag and as stored", .needsRoot, .needs("curl", "dockerd", "docker", "skopeo"))
        func schema1() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                try await withLongshore(serving: tree) { server in
                    let source = "docker://\(server.host)/golden/engine-191:latest"
                    let reference = "\(server.host)/old/image"
                    _ = try await Skopeo.copy(source, "docker://\(reference):1", ["--format", "v2s1"]).succeeded()
                    let digest = try await Curl.request(server.url("/v2/old/image/manifests/1"), ["-H", "Accept: */*"])
                        .headers["docker-content-digest"]
                    try await Engine.run(in: directory) { engine in
                        _ = try await engine(["pull", "\(reference):1"]).succeeded()
                        let stored = try #require(digest)
                        let pulled = try await engine(["pull", "\(reference)@\(stored)"]).succeeded()
                        #expect(pulled.text.contains("Digest: \(stored)"))
                    }
                }
            }
        }

        private func imageID() throws -> Data {
            let text = String(decoding: try GoldenTree.bytes("engine/engine-191/imageid.txt"), as: UTF8.self)
            return Data(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
        }
    }
}
