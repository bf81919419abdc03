import Foundation
import Testing

extension Integration {
    @Suite("one directory, served by docker-registry 0.9.1 and by us in turn") struct PythonRegistryTests {
        @Test("it serves what v1 clients pushed to us, including checksums", .needsPythonRegistry, .needs("curl"))
        func givenBack() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let root = directory.path("registry")
                let names = ["engine-101", "engine-133", "engine-150", "engine-191", "engine-1126", "synth-uncomp"]
                try await withLongshore(serving: root) { server in
                    for name in names {
                        try await V1Curl(host: server.host).push(
                            V1Files.engine(name, in: tree),
                            as: "golden/\(name)",
                            "t"
                        )
                    }
                    try await V1Curl(host: server.host).push(V1Files.engine("engine-150", in: tree), as: "centos6", "t")
                }
                try await PythonRegistry.serve(root) { client in
                    for name in names {
                        let ids = try await client.pull("golden/\(name)", "t")
                        let expected = try V1Files.engine(name, in: tree).reversed().map(\.id)
                        #expect(ids == expected)
                    }
                    try await client.pull("centos6", "t")
                    let found = try await client.expect(200, "GET", "search?q=golden")
                    #expect(found.text.contains("\"num_results\": \(names.count)"))
                    // Complete images stay as they are.
                    let top = try #require(try V1Files.engine("engine-150", in: tree).last)
                    let again = try await client.send(
                        "PUT",
                        "images/\(top.id)/json",
                        ["-H", "Content-Type: application/json", "--data-binary", "@\(top.json)"]
                    )
                    #expect(again.status == 409)
                }
            }
        }

        @Test(
            "we serve what was pushed to it while we were down, to v1 and to v2",
            .needsPythonRegistry,
            .needs("curl", "skopeo")
        )
        func takenOver() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let root = directory.path("registry")
                let first = try V1Files.engine("engine-133", in: tree)
                let second = try V1Files.engine("engine-150", in: tree)
                try await withLongshore(serving: root) { server in
                    for tag in ["moved", "deleted", "kept"] {
                        try await V1Curl(host: server.host).push(first, as: "a/b", tag)
                    }
                }
                try await PythonRegistry.serve(root) { client in
                    try await client.push(second, as: "a/b", "moved")
                    try await client.push(second, as: "centos6", "latest")
                    try await client.expect(200, "DELETE", "repositories/a/b/tags/deleted")
                }
                try await withLongshore(serving: root) { server in
                    let client = V1Curl(host: server.host)
                    #expect(try await client.pull("a/b", "kept").first == first.last?.id)
                    #expect(try await client.pull("a/b", "moved").first == second.last?.id)
                    #expect(try await client.pull("centos6", "latest").first == second.last?.id)
                    for (name, image) in [
                        ("a/b:moved", "engine-150"), ("a/b:kept", "engine-133"), ("centos6", "engine-150"),
                    ] {
                        let pulled = try await PulledImage(
                            "\(server.host)/\(name)",
                            into: directory.path(UUID().uuidString)
                        )
                        let imageID = try GoldenTree.bytes("engine/\(image)/imageid.txt")
                        #expect(imageID.starts(with: Data(pulled.imageID.utf8)))
                    }
                    // A missing tag file is no deletion here: the image still exists in v2, so v1 sees it.
                    #expect(try await client.image(of: "a/b", "deleted") != nil)
                    _ = try await PulledImage("\(server.host)/a/b:deleted", into: directory.path("deleted"))
                }
            }
        }

        @Test(
            "while both run, each shows at once what the other was told about a tag",
            .needs("curl"),
            .needsPythonRegistry
        )
        func beside() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let chains = try ["engine-133", "engine-150"].map { try V1Files.engine($0, in: tree) }
                let ids = try chains.map { try #require($0.last?.id) }
                let root = directory.path("registry")
                try await withLongshore(serving: root) { server in
                    let ours = V1Curl(host: server.host)
                    for (chain, id) in zip(chains, ids) { try await ours.push(chain, as: "a/b", id) }
                    let manifests = [try await manifest(ids[0], server), try await manifest(ids[1], server)]
                    try await PythonRegistry.serve(root) { theirs in
                        for (writer, wanted) in [
                            (theirs, 0), (theirs, 1), (ours, 0), (theirs, 1), (ours, 1), (theirs, 0),
                        ] {
                            try await writer.tag(ids[wanted], as: "a/b", "t")
                            #expect(try await manifest("t", server).body == manifests[wanted].body)
                            for client in [ours, theirs] {
                                #expect(try await client.image(of: "a/b", "t") == ids[wanted])
                            }
                        }
                        // A tag set through v2 is not theirs until it is set through them again.
                        try await put(manifests[1], server)
                        #expect(try await theirs.image(of: "a/b", "t") == nil)
                        #expect(try await ours.pull("a/b", "t").first == ids[1])
                        try await theirs.tag(ids[0], as: "a/b", "t")
                        #expect(try await manifest("t", server).body == manifests[0].body)
                    }
                }
            }
        }

        private func manifest(_ tag: String, _ server: LongshoreProcess) async throws -> Curl.Answer {
            let answer = try await Curl.request(server.url("/v2/a/b/manifests/\(tag)"), Curl.acceptsManifests)
            #expect(answer.status == 200, "\(answer.text)")
            return answer
        }

        private func put(_ manifest: Curl.Answer, _ server: LongshoreProcess) async throws {
            let type = "Content-Type: \(manifest.headers["content-type"] ?? "")"
            let arguments = ["-X", "PUT", "-H", type, "--data-binary", manifest.text]
            #expect(try await Curl.request(server.url("/v2/a/b/manifests/t"), arguments).status == 201)
        }

        @Test("it serves a v1 child of a v2 image with its parents", .needsPythonRegistry, .needs("curl", "skopeo"))
        func child() async throws {
            try await withTemporaryDirectory { directory in
                let golden = try await GoldenTree("centos6-like", in: directory)
                let root = directory.path("registry")
                let ids = try await withLongshore(serving: root) { server in
                    try await withLongshore(serving: golden.path) { source in
                        let image = "docker://\(source.host)/centos:app"
                        _ = try await Skopeo.copy(image, "docker://\(server.host)/a/b:v2", ["--format", "oci"])
                            .succeeded()
                    }
                    let client = V1Curl(host: server.host)
                    let parents = try await client.pull("a/b", "v2", isChecksummed: false)
                    let child = try await V1Files.random(0xC41D, parent: parents[0], byteCount: 1000, in: directory)
                    try await client.push([child], as: "a/b", "child")
                    return [child.id] + parents
                }
                try await PythonRegistry.serve(root) { client in
                    let pulled = try await client.pull("a/b", "child", isChecksummed: false)
                    #expect(pulled == ids)
                }
            }
        }
    }
}
