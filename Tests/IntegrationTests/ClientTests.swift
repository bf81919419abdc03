import Foundation
import Testing

extension Integration {
    @Suite("v2 clients") struct ClientTests {
        @Test("podman finds what was pushed through v2 and what v1 left", .needs("podman", "skopeo"))
        func podmanSearch() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path) { server in
                    let search = ["search", "--tls-verify=false", "--format", "{{.Name}}"]
                    let all = try await Program("podman").run(search + ["\(server.host)/centos"]).succeeded()
                    #expect(all.text.contains("\(server.host)/"))
                    #expect(all.text.contains("centos"))
                    let nested = "\(server.host)/deep/er/name"
                    _ = try await Skopeo.copy("docker://\(server.host)/centos:app", "docker://\(nested):1").succeeded()
                    let found = try await Program("podman").run(search + ["\(server.host)/er"]).succeeded()
                    #expect(found.text.split(whereSeparator: \.isWhitespace).contains(Substring(nested)))
                    let tags = try await Program("podman").run(
                        [
                            "search", "--tls-verify=false", "--list-tags", "--format", "{{.Tag}}",
                            "\(server.host)/centos",
                        ]
                    ).succeeded()
                    #expect(tags.text.split(whereSeparator: \.isWhitespace).contains("app"))
                }
            }
        }

        @Test("skopeo lists, synchronises and deletes", .needs("curl", "skopeo"))
        func skopeo() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path, options: ["--delete"]) { server in
                    let skopeo = try Program("skopeo")
                    let reference = "docker://\(server.host)/copies/centos"
                    _ = try await Skopeo.copy("docker://\(server.host)/centos:app", reference + ":one").succeeded()
                    _ = try await Skopeo.copy("docker://\(server.host)/centos:app", reference + ":two").succeeded()
                    let list = try await skopeo.run(["list-tags", "--tls-verify=false", reference]).succeeded()
                    #expect(list.text.contains("\"one\"") && list.text.contains("\"two\""))
                    let out = try directory.makeDirectory("out")
                    let sync = [
                        "--insecure-policy", "sync", "--src", "docker", "--dest", "dir", "--src-tls-verify=false",
                    ]
                    _ = try await skopeo.run(sync + ["\(server.host)/copies/centos", out]).succeeded()
                    #expect(try FileManager.default.contentsOfDirectory(atPath: out).count == 2)
                    let back = [
                        "--insecure-policy", "sync", "--src", "dir", "--dest", "docker", "--dest-tls-verify=false",
                    ]
                    _ = try await skopeo.run(back + [out, "\(server.host)/synchronised"]).succeeded()
                    for tag in ["one", "two"] {
                        let copied = try await Skopeo.inspect("\(server.host)/synchronised/centos:\(tag)", ["--raw"])
                        let source = try await Skopeo.inspect("\(server.host)/copies/centos:\(tag)", ["--raw"])
                        #expect(try copied.succeeded().output == source.succeeded().output)
                    }
                    _ = try await skopeo.run(["delete", "--tls-verify=false", reference + ":one"]).succeeded()
                    let left = try await Curl.request(server.url("/v2/copies/centos/tags/list"))
                    // skopeo deletes by digest, which removes every tag of that manifest.
                    #expect(left.text == "{\"name\":\"copies/centos\",\"tags\":[]}")
                }
            }
        }

        @Test("podman creates a manifest list, and skopeo copies all of it", .needsRoot, .needs("podman", "skopeo"))
        func manifestLists() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path) { server in
                    let places = ["--root", directory.path("storage"), "--runroot", directory.path("run")]
                    let podman = places + ["--storage-driver", "vfs", "manifest"]
                    func run(_ arguments: [String]) async throws -> String {
                        try await Program("podman").run(podman + arguments).succeeded().text
                    }
                    _ = try await run(["create", "list"])
                    let image = "docker://\(server.host)/centos:app"
                    _ = try await run(["add", "--tls-verify=false", "--arch", "arm64", "list", image])
                    let list = "\(server.host)/made/list:1"
                    _ = try await run(["push", "--all", "--tls-verify=false", "list", "docker://\(list)"])
                    let copy = "docker://\(server.host)/made/copy:1"
                    _ = try await Skopeo.copy("docker://\(list)", copy, ["--all"]).succeeded()
                    let pushed = try await Skopeo.inspect(list, ["--raw"]).succeeded().text
                    #expect(pushed.contains("arm64"))
                    #expect(
                        try await Skopeo.inspect("\(server.host)/made/copy:1", ["--raw"]).succeeded().text == pushed
                    )
                }
            }
        }

        @Test("registry:2 as a pull-through cache in front of us", .needs("skopeo", "docker-registry"))
        func upstreamOfCache() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path) { server in
                    let root = try directory.makeDirectory("cache")
                    let proxy = "proxy: {remoteurl: \"http://\(server.host)\"}"
                    try await withDockerRegistry(serving: root, settings: [proxy]) { cache in
                        let image = try await PulledImage("\(server.host)/centos:app", into: directory.path("direct"))
                        for round in 0..<2 {
                            let out = directory.path("out-\(round)")
                            #expect(try await PulledImage("\(cache)/centos:app", into: out).imageID == image.imageID)
                        }
                    }
                }
            }
        }

        @Test("containerd pulls and pushes", .needsRoot, .needs("containerd", "ctr"))
        func containerd() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let socket = directory.path("containerd.sock")
                let configuration = """
                    version = 2
                    root = "\(directory.path("root"))"
                    state = "\(directory.path("state"))"
                    disabled_plugins = ["io.containerd.grpc.v1.cri"]
                    [grpc]
                    address = "\(socket)"
                    """
                let file = try directory.write(Data(configuration.utf8), to: "config.toml")
                let daemon = try RunningProgram(Program("containerd"), ["--config", file])
                defer { daemon.discard() }
                try await daemon.waitUntil { FileManager.default.fileExists(atPath: socket) }
                try await withLongshore(serving: tree.path) { server in
                    let ctr = try Program("ctr")
                    let images = ["--address", socket, "images"]
                    let reference = "\(server.host)/library/centos:app"
                    let copy = "\(server.host)/copies/containerd:1"
                    let pull = ["pull", "--plain-http", "--snapshotter", "native", reference]
                    _ = try await ctr.run(images + pull).succeeded()
                    _ = try await ctr.run(images + ["tag", reference, copy]).succeeded()
                    _ = try await ctr.run(images + ["push", "--plain-http", copy]).succeeded()
                    _ = try await PulledImage(copy, into: directory.path("out"))
                }
            }
        }

        @Test("python-dxf pushes, lists and pulls", .needs("dxf"))
        func dxf() async throws {
            try await withTemporaryDirectory { directory in
                try await withLongshore(serving: directory.path("registry"), options: ["--delete"]) { server in
                    let environment = ["DXF_HOST": server.host, "DXF_INSECURE": "1"]
                    let file = try directory.write(Data("what dxf pushes".utf8), to: "file")
                    let dxf = try Program("dxf")
                    _ = try await dxf.run(["push-blob", "a/b", file, "@alias"], environment: environment).succeeded()
                    let aliases = try await dxf.run(["list-aliases", "a/b"], environment: environment).succeeded()
                    #expect(aliases.text == "alias\n")
                    let pulled = try await dxf.run(["pull-blob", "a/b", "@alias"], environment: environment).succeeded()
                    #expect(pulled.text == "what dxf pushes")
                    let repositories = try await dxf.run(["list-repos"], environment: environment).succeeded()
                    #expect(repositories.text == "a/b\n")
                    _ = try await dxf.run(["del-alias", "a/b", "alias"], environment: environment).succeeded()
                    let empty = try await dxf.run(["list-aliases", "a/b"], environment: environment).succeeded()
                    #expect(empty.text.isEmpty)
                }
            }
        }

        @Test("oras for Python pushes and pulls an artifact", .needs("oras-python"))
        func oras() async throws {
            try await withTemporaryDirectory { directory in
                try await withLongshore(serving: directory.path("registry")) { server in
                    try directory.write(Data("an artifact".utf8), to: "artifact.txt")
                    let script = """
                        import os, oras.client
                        os.chdir("\(directory.path)")
                        client = oras.client.OrasClient(insecure=True)
                        client.push(target="\(server.host)/a/artifact:1", files=["artifact.txt"])
                        client.pull(target="\(server.host)/a/artifact:1", outdir="out")
                        print(open("out/artifact.txt").read())
                        """
                    let result = try await Program("oras-python").run(["-c", script]).succeeded()
                    #expect(result.text.contains("an artifact"))
                }
            }
        }
    }
}
