import Foundation
import Testing

extension Integration {
    @Suite("v1 pushes to a server that is killed") struct KilledPushTests {
        private static let rounds = Requirement.isFull ? 200 : 6
        private static let byteCount = 400_000

        @Test(
            "succeed when repeated, whatever was cut: the client or, by kill -9, the server",
            .needs("curl")
        )
        func pushes() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                var generator = SystemRandomNumberGenerator()
                for round in 1...Self.rounds {
                    let image = try await V1Files.random(round, byteCount: Self.byteCount, in: directory)
                    let cut = Int.random(in: 0...Self.byteCount, using: &generator)
                    let delay = Duration.milliseconds(Int.random(in: 0...60, using: &generator))
                    try await self.cut(image, serving: root, at: cut, killing: round % 2 == 0 ? delay : nil)
                    try await withLongshore(serving: root) { server in
                        let client = V1Curl(host: server.host)
                        try await client.push([image], as: "a/b", "t")
                        #expect(try await client.pull("a/b", "t") == [image.id])
                        let layer = try await sha256(of: "cat '\(image.layer)'")
                        let manifest = try await Curl.request(server.url("/v2/a/b/manifests/t"), Curl.acceptsManifests)
                        #expect(manifest.text.contains(layer))
                        #expect(try await sha256(of: "curl -sf '\(server.url("/v2/a/b/blobs/\(layer)"))'") == layer)
                    }
                    for file in [image.json, image.layer] { try FileManager.default.removeItem(atPath: file) }
                }
                #expect(try await halfMade(in: root) == [])
                #expect(try unfinished(in: root) == [])
            }
        }

        /// Pushes the JSON and a part of the layer; then the client disconnects, or the server is killed at any moment.
        private func cut(_ image: V1Files, serving root: String, at cut: Int, killing delay: Duration?) async throws {
            let server = try await LongshoreProcess(serving: root)
            defer { server.running.discard() }
            let client = V1Curl(host: server.host)
            guard let delay else {
                try await client.putJSON(image)
                let command = """
                    exec 3<>/dev/tcp/127.0.0.1/\(server.port)
                    printf 'PUT /v1/images/\(image.id)/layer HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n' >&3
                    head -c \(cut) '\(image.layer)' >&3
                    """
                _ = try await Program("bash").run(["-c", command]).succeeded()
                return try await server.running.stop()
            }
            let checksum = try await image.checksum
            let base = "'\(server.url("/v1/images/\(image.id)"))"
            let tag = "'\(server.url("/v1/repositories/a/b/tags/t"))'"
            let push = """
                curl -s -X PUT --data-binary '@\(image.json)' \(base)/json'
                curl -s -X PUT -H 'Transfer-Encoding: chunked' -T '\(image.layer)' \(base)/layer'
                curl -s -X PUT -H 'X-Docker-Checksum-Payload: \(checksum)' \(base)/checksum'
                curl -s -X PUT --data-binary '"\(image.id)"' \(tag)
                """
            let running = try RunningProgram(Program("bash"), ["-c", push])
            defer { running.discard() }
            // Not waiting for anything: the server is killed at a random moment of the push.
            try await Task.sleep(for: delay)
            try await server.running.kill()
            try await running.waitUntilExit(timeLimit: .seconds(30))
        }

        @Test("leave each tag the same for v1 and v2, whenever the server was killed", .needs("curl"))
        func tags() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let root = directory.path("registry")
                let chains = try ["engine-133", "engine-150"].map { try V1Files.engine($0, in: tree) }
                var pairs: [String: String] = [:]
                try await withLongshore(serving: root) { server in
                    for chain in chains {
                        try await V1Curl(host: server.host).push(chain, as: "a/b", "t")
                        pairs[try #require(chain.last?.id)] = try await self.digest(server)
                    }
                    let manifest = try await Curl.request(server.url("/v2/a/b/manifests/t"), Curl.acceptsManifests)
                    try directory.write(manifest.body, to: "second")
                }
                var generator = SystemRandomNumberGenerator()
                for _ in 0..<Self.rounds {
                    let server = try await LongshoreProcess(serving: root)
                    defer { server.running.discard() }
                    let setting = try RunningProgram(Program("bash"), ["-c", Self.setting(server, chains, directory)])
                    defer { setting.discard() }
                    // Not waiting for anything: the server is killed between any two of its writes.
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...150, using: &generator)))
                    try await server.running.kill()
                    try await setting.waitUntilExit(timeLimit: .seconds(30))
                    try await withLongshore(serving: root) { server in
                        let image = try #require(await V1Curl(host: server.host).image(of: "a/b", "t"))
                        #expect(try await self.digest(server) == pairs[image])
                        #expect(try await V1Curl(host: server.host).pull("a/b", "t").first == image)
                    }
                }
            }
        }

        /// Sets the tag through v1 and v2 in turn until the server is gone.
        private static func setting(_ server: LongshoreProcess, _ chains: [[V1Files]], _ directory: TemporaryDirectory)
            -> String
        {
            let v1 = "'\(server.url("/v1/repositories/a/b/tags/t"))'"
            let v2 = "'\(server.url("/v2/a/b/manifests/t"))'"
            let type = "Content-Type: application/vnd.docker.distribution.manifest.v2+json"
            let ids = chains.compactMap(\.last?.id)
            return """
                while curl -s -o /dev/null -X PUT --data-binary '"\(ids[0])"' \(v1) \\
                    && curl -s -o /dev/null -X PUT -H '\(type)' --data-binary '@\(directory.path("second"))' \(v2) \\
                    && curl -s -o /dev/null -X PUT --data-binary '"\(ids[1])"' \(v1); do :; done
                """
        }

        private func digest(_ server: LongshoreProcess) async throws -> String {
            let answer = try await Curl.request(server.url("/v2/a/b/manifests/t"), Curl.acceptsManifests)
            return try #require(answer.headers["docker-content-digest"], "\(answer.text)")
        }

        /// The v1 images of a directory whose push has not ended.
        private func unfinished(in root: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "\(root)/images").filter {
                FileManager.default.fileExists(atPath: "\(root)/images/\($0)/_inprogress")
            }
        }
    }
}
