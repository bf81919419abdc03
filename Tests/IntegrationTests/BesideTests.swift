import Foundation
import Testing

extension Integration {
    @Suite("registry:2 next to us on one directory") struct BesideTests {
        @Test(
            "each sees at once what the other's clients set, through either protocol",
            .needs("curl", "skopeo", "docker-registry")
        )
        func beside() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let chains = try ["engine-133", "engine-150"].map { try V1Files.engine($0, in: tree) }
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    try await withDockerRegistry(serving: root) { other in
                        let v1 = V1Curl(host: server.host)
                        for chain in chains { try await v1.push(chain, as: "a/b", chain[0].id) }
                        var digests: [String] = []
                        for chain in chains { digests.append(try await digest(other, chain[0].id)) }
                        #expect(Set(digests).count == 2)
                        for (isV1, wanted) in [(true, 0), (false, 1), (true, 0), (true, 1), (false, 0), (false, 1)] {
                            let image = chains[wanted].last?.id
                            if isV1 {
                                try await v1.tag(image ?? "", as: "a/b", "t")
                            } else {
                                let url = "http://\(other)/v2/a/b/manifests/\(digests[wanted])"
                                try await put(Curl.request(url, Curl.acceptsManifests), to: other, "t")
                            }
                            for host in [other, server.host] { #expect(try await digest(host, "t") == digests[wanted]) }
                            #expect(try await v1.pull("a/b", "t").first == image)
                        }
                    }
                }
            }
        }

        @Test(
            "a tag set by registry:2 while we were down is the newer one, for v1 too",
            .needs("curl", "skopeo", "docker-registry")
        )
        func whileDown() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let chains = try ["engine-133", "engine-150"].map { try V1Files.engine($0, in: tree) }
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    for (tag, chain) in zip(["t", "u"], chains) {
                        try await V1Curl(host: server.host).push(chain, as: "a/b", tag)
                    }
                }
                try await withDockerRegistry(serving: root) { other in
                    let manifest = try await Curl.request("http://\(other)/v2/a/b/manifests/u", Curl.acceptsManifests)
                    try await put(manifest, to: other, "t")
                }
                try await withLongshore(serving: root) { server in
                    let top = try await V1Curl(host: server.host).pull("a/b", "t").first
                    #expect(top == chains[1].last?.id)
                    let digests = [try await digest(server.host, "t"), try await digest(server.host, "u")]
                    #expect(digests[0] == digests[1])
                }
            }
        }

        private func digest(_ host: String, _ tag: String) async throws -> String {
            let url = "http://\(host)/v2/a/b/manifests/\(tag)"
            let answer = try await Curl.request(url, Curl.acceptsManifests)
            return try #require(answer.headers["docker-content-digest"], "\(answer.text)")
        }

        private func put(_ manifest: Curl.Answer, to host: String, _ tag: String) async throws {
            let type = "Content-Type: \(manifest.headers["content-type"] ?? "")"
            let arguments = ["-X", "PUT", "-H", type, "--data-binary", manifest.text]
            let answer = try await Curl.request("http://\(host)/v2/a/b/manifests/\(tag)", arguments)
            #expect(answer.status == 201)
        }
    }
}
