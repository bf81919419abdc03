import Foundation
import Testing

extension Integration {
    @Suite("a Docker engine") struct EngineTests {
        @Test("pulls what v1 holds, and pushes", .needsRoot, .needs("dockerd", "docker", "skopeo"))
        func pullAndPush() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                try await withLongshore(serving: tree) { server in
                    try await withEngine(directory) { engine in
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

        /// Runs `body` with a client of an engine that has nothing yet.
        private func withEngine(
            _ directory: TemporaryDirectory,
            _ body: (_ client: ([String]) async throws -> ProgramResult) async throws -> Void
        ) async throws {
            let socket = "unix://\(directory.path("docker.sock"))"
            let places = [
                "--data-root", directory.path("data"), "--exec-root", directory.path("exec"),
                "--pidfile", directory.path("docker.pid"), "--host", socket,
            ]
            let isolation = ["--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
            let daemon = try RunningProgram(
                Program("dockerd"),
                places + isolation,
                environment: ["DOCKER_RAMDISK": "true"]
            )
            defer { daemon.discard() }
            _ = try await daemon.waitForOutput { $0.contains("API listen on") ? true : nil }
            let client = try Program("docker")
            try await body { try await client.run(["--host", socket] + $0) }
            try await daemon.stop()
        }
    }
}
