import Foundation
import Testing

extension Integration {
    @Suite("layers that are terrible to read", .needs("curl", "gzip"), .serialized) struct BombTests {
        /// What v1 clients and v2 clients make the server read a layer for.
        private enum Use: CaseIterable {
            /// `GET /v1/images/ID/files` of what came by v1.
            case files
            /// A v1 image for a client of v2.
            case conversion
            /// A v2 image for a client of v1.
            case projection
        }

        @Test(
            "keep nobody else waiting, take little memory, and do not keep the server from ending",
            arguments: BombLayer.allCases
        )
        func bombs(kind: BombLayer) async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                let configuration = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(root)}}
                    http: {draintimeout: 2s}
                    """
                let server = try await LongshoreProcess(configuration: configuration, in: directory.path("config.yml"))
                defer { server.running.discard() }
                var urls: [[String]] = []
                for number in 0..<(Requirement.isFull ? 4 : 2) {
                    let layer = try directory.write(try await kind.bytes(number), to: "layer\(number)")
                    for use in Use.allCases where use != .projection || kind == .zstd || kind == .gzip {
                        urls += try await push(layer, "\(kind)/\(use)\(number)", for: use, to: server)
                    }
                }
                let clients = try urls.map { try RunningProgram(try Program("curl"), ["-s", "-o", "/dev/null"] + $0) }
                defer { for client in clients { client.discard() } }
                let start = ContinuousClock.now
                var slowest = Duration.zero
                while start.duration(to: .now) < .seconds(4) {
                    for path in ["/v2/", "/v1/_ping"] {
                        let before = ContinuousClock.now
                        #expect(try await Curl.request(server.url(path), ["-m", "10"]).status == 200)
                        slowest = max(slowest, before.duration(to: .now))
                    }
                }
                // A machine that runs other tests beside this one is slow; a thread that is held is for minutes.
                #expect(slowest < .seconds(5))
                let peak = try server.running.peakMemory
                #expect(peak < 300 << 20, "\(peak) bytes")
                let end = ContinuousClock.now
                server.running.send(SIGTERM)
                try await server.running.waitUntilExit(timeLimit: .seconds(20))
                let elapsed = end.duration(to: .now)
                #expect(elapsed < .seconds(6), "\(elapsed)")
            }
        }

        /// Pushes a layer, and answers what to ask curl for.
        private func push(
            _ layer: String,
            _ name: String,
            for use: Use,
            to server: LongshoreProcess
        ) async throws -> [[String]] {
            switch use {
            case .files, .conversion:
                let id = try await V1Push(name.lowercased(), to: server).run(layer: layer)
                if use == .files { return [[server.url("/v1/images/\(id)/files")]] }
                return [[server.url("/v2/\(name.lowercased())/manifests/latest")] + Curl.acceptsManifests]
            case .projection:
                let id = try await pushV2(layer, name.lowercased(), to: server)
                return [[server.url("/v1/images/\(id)/layer")]]
            }
        }

        private func pushV2(_ layer: String, _ name: String, to server: LongshoreProcess) async throws -> String {
            let diffID = "sha256:" + String(repeating: "0", count: 64)
            let configuration =
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"\(diffID)\"]},\"history\":[{\"created_by\":\"x\"}]}"
            return try await withTemporaryDirectory { directory in
                let file = try directory.write(Data(configuration.utf8), to: "configuration")
                var descriptors: [String] = []
                for (path, type) in [
                    (file, "application/vnd.oci.image.config.v1+json"),
                    (layer, "application/vnd.oci.image.layer.v1.tar+zstd"),
                ] {
                    let digest = try await sha256(of: "cat '\(path)'")
                    let url = server.url("/v2/\(name)/blobs/uploads/?digest=\(digest)")
                    #expect(try await Curl.request(url, ["-X", "POST", "--data-binary", "@\(path)"]).status == 201)
                    let size = try Data(contentsOf: URL(filePath: path)).count
                    descriptors.append("{\"mediaType\":\"\(type)\",\"size\":\(size),\"digest\":\"\(digest)\"}")
                }
                let type = "application/vnd.oci.image.manifest.v1+json"
                let manifest =
                    "{\"schemaVersion\":2,\"mediaType\":\"\(type)\",\"config\":\(descriptors[0]),"
                    + "\"layers\":[\(descriptors[1])]}"
                let put = ["-X", "PUT", "-H", "Content-Type: \(type)", "-d", manifest]
                #expect(try await Curl.request(server.url("/v2/\(name)/manifests/1"), put).status == 201)
                let tags = try await Curl.request(server.url("/v1/repositories/\(name)/tags")).text
                return try #require(tags.firstMatch(of: /[0-9a-f]{64}/).map { String($0.0) })
            }
        }
    }
}
