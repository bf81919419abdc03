import Foundation
import Testing

extension Integration {
    @Suite("a directory after collections", .needs("curl", "skopeo")) struct CollectedDirectoryTests {
        /// The v1 images that remain, by repository, top first.
        private typealias Images = [String: [String]]

        /// Pushes images through both protocols, which share layers, and deletes some: what is left is `kept`.
        private func fill(_ root: String, in directory: TemporaryDirectory) async throws -> Images {
            try await withLongshore(serving: root, options: ["--delete"]) { server in
                let v1 = V1Curl(host: server.host)
                let base = try await V1Files.random(1, byteCount: 400_000, in: directory)
                var images: Images = [:]
                for (number, name) in ["v1/kept", "v1/gone", "v1/moved"].enumerated() {
                    let top = try await V1Files.random(
                        number + 2,
                        parent: base.id,
                        byteCount: 500_000 + number,
                        in: directory
                    )
                    try await v1.push([base, top], as: name, "t")
                    images[name] = [top.id, base.id]
                    // Shares its layers with the v1 image, and has a repository of its own.
                    let copy = "v2/\(name.dropFirst(3))"
                    _ = try await Skopeo.copy("docker://\(server.host)/\(name):t", "docker://\(server.host)/\(copy):t")
                        .succeeded()
                }
                for name in ["only/kept", "only/gone"] { try await push(name, to: server, in: directory) }
                for name in ["v1/gone", "v1/moved"] {
                    try await v1.expect(200, "DELETE", "repositories/\(name)/tags/t")
                    images[name] = nil
                }
                for name in ["v2/gone", "only/gone"] {
                    let url = server.url("/v2/\(name)/manifests/t")
                    let digest = try await Curl.request(url, Curl.acceptsManifests).headers["docker-content-digest"]
                    let gone = server.url("/v2/\(name)/manifests/\(try #require(digest))")
                    #expect(try await Curl.request(gone, ["-X", "DELETE"]).status == 202)
                }
                return images
            }
        }

        /// Pushes an image with a layer that no other has.
        private func push(_ name: String, to server: LongshoreProcess, in directory: TemporaryDirectory) async throws {
            let layer = try await V1Files.random(name.utf8.count, byteCount: 300_000 + name.utf8.count, in: directory)
                .layer
            let diffID = try await sha256(of: "gzip -dc '\(layer)'")
            let push = V2Push(name, to: server)
            let configuration = try await push.blob(
                Data(
                    ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"author\":\"\(name)\","
                        + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"\(diffID)\"]}}").utf8
                ),
                "application/vnd.oci.image.config.v1+json"
            )
            let content = try Data(contentsOf: URL(filePath: layer))
            let descriptor = try await push.blob(content, "application/vnd.oci.image.layer.v1.tar+gzip")
            let text = """
                {"schemaVersion":2,"mediaType":"\(V2Push.imageType)","config":\(configuration),"layers":[\(descriptor)]}
                """
            try await push.manifest(Data(text.utf8), as: "t")
        }

        /// The bytes that files take, each file once however many names it has.
        private func byteCount(of root: String, _ directory: TemporaryDirectory) throws -> Int {
            try FileListing(of: root).byteCount(notIn: FileListing(of: directory.makeDirectory("empty")))
        }

        /// Collects until nothing is free, and checks that each dry run predicts what is freed.
        private func collect(_ root: String, _ directory: TemporaryDirectory) async throws {
            let arguments = ["garbage-collect", "--root", root, "--grace", "0s", "--delete-untagged", "--v1"]
            var total = 0
            while true {
                let plan = try await Program.longshore.run(arguments + ["--dry-run"]).succeeded().text
                let planned = try #require(plan.firstMatch(of: /(\d+) bytes would be freed/).flatMap { Int($0.1) })
                let before = try byteCount(of: root, directory)
                let done = try await Program.longshore.run(arguments).succeeded().text
                #expect(done.contains("\(planned) bytes freed"))
                // Links, documents and records go with what they belong to; they are small.
                let freed = try before - byteCount(of: root, directory)
                #expect(abs(freed - planned) <= max(planned / 100, 20_000), "\(freed) bytes of \(planned)\n\(plan)")
                total += planned
                guard planned > 0 || plan.contains("v1 images") else { break }
            }
            // The top of one v1 image, which its copy shared, and the layer of a v2 image.
            #expect((790_000..<850_000).contains(total), "\(total)")
        }

        @Test("is served by registry:2, tag by tag; it shrank by what dry runs said", .needs("docker-registry"))
        func distribution() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                _ = try await fill(root, in: directory)
                try await collect(root, directory)
                try await withDockerRegistry(serving: root) { host in
                    let catalogue = try await Curl.request("http://\(host)/v2/_catalog?n=100").text
                    var names: [String] = []
                    for match in catalogue.matches(of: /"([a-z0-9]+\/[a-z]+)"/) {
                        let tags = try await Curl.request("http://\(host)/v2/\(match.1)/tags/list")
                        // Links to layers that other repositories need stay, and with them the repository.
                        if tags.text.contains("\"t\"") { names.append(String(match.1)) }
                    }
                    #expect(names.sorted() == ["only/kept", "v1/kept", "v2/kept", "v2/moved"])
                    for name in names {
                        _ = try await PulledImage(
                            "\(host)/\(name):t",
                            into: directory.path(name.replacing("/", with: "-"))
                        )
                    }
                }
            }
        }

        @Test("is served by docker-registry 0.9.1, image by image", .needsPythonRegistry)
        func python() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let images = try await fill(root, in: directory)
                try await collect(root, directory)
                let present = try FileManager.default.contentsOfDirectory(atPath: "\(root)/images")
                #expect(Set(present) == Set(images.values.joined()))
                try await PythonRegistry.serve(root) { client in
                    for (name, ids) in images {
                        let pulled = try await client.pull(name, "t")
                        #expect(pulled == ids)
                    }
                }
            }
        }
    }
}
