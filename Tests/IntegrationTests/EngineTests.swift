import Foundation
import Testing

extension Integration {
    @Suite("a Docker engine") struct EngineTests {
        @Test("pulls what v1 holds, and pushes", .needsRoot, .needs("dockerd", "docker", "skopeo"))
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
