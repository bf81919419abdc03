import Foundation
import Testing

extension Integration {
    @Suite("layers that a client compressed with zstd") struct ZstdTests {
        @Test("are gzip for older clients, with the same files", .needs("curl", "skopeo", "zstd"))
        func transcoded() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let source = directory.path("source")
                // skopeo compresses only uncompressed layers, and none that it knows the registry to have.
                try await withLongshore(serving: tree.path) { server in
                    let image = "docker://\(server.host)/centos:app"
                    _ = try await Skopeo.copy(image, "dir:\(source)", ["--dest-decompress"]).succeeded()
                }
                try await withLongshore(serving: directory.path("registry")) { server in
                    let options = ["--dest-compress", "--dest-compress-format", "zstd", "--format", "oci"]
                    _ = try await Skopeo.copy("dir:\(source)", "docker://\(server.host)/new/image:1", options)
                        .succeeded()
                    let stored = try await Curl.request(server.url("/v2/new/image/manifests/1"), Curl.acceptsManifests)
                    let digests = stored.text.matches(of: /tar\+zstd","digest":"(sha256:[0-9a-f]+)"/).map {
                        String($0.1)
                    }
                    #expect(digests.count == 4, "\(stored.text)")
                    let schema2 = ["-H", "Accept: application/vnd.docker.distribution.manifest.v2+json"]
                    let derived = try await Curl.request(server.url("/v2/new/image/manifests/1"), schema2)
                    #expect(derived.status == 200 && !derived.text.contains("zstd"))
                    let layers = derived.text.matches(of: /diff\.tar\.gzip",[^}]*?(sha256:[0-9a-f]+)/).map {
                        String($0.1)
                    }
                    var tars: [[String]] = [[], []]
                    for (digest, layer) in zip(digests, layers) {
                        let blobs = server.url("/v2/new/image/blobs")
                        tars[0].append(try await sha256(of: "curl -sf '\(blobs)/\(digest)' | zstd -dc"))
                        tars[1].append(try await sha256(of: "curl -sf '\(blobs)/\(layer)' | gzip -dc"))
                    }
                    #expect(tars[0].count == 4 && tars[0] == tars[1])
                    let client = V1Curl(host: server.host)
                    var byV1: [String] = []
                    for id in try await client.pull("new/image", "1", isChecksummed: false).reversed() {
                        let url = server.url("/v1/images/\(id)/layer")
                        byV1.append(try await sha256(of: "curl -sf '\(url)' | gzip -dc"))
                    }
                    #expect(byV1.filter { tars[0].contains($0) } == tars[0])
                }
            }
        }
    }
}
