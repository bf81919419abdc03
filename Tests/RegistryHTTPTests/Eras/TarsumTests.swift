import ImageModel
import SystemLibraries
import Testing

/// schema1 manifests that refer to layers by tarsum, as registry 2.0 to 2.2 stored them.
@Suite("A manifest with tarsum layers") struct TarsumTests {
    private static let name = "shop/till"
    private static let tarsum = "tarsum.v1+sha256:" + String(repeating: "ab", count: 32)
    private static let repository = "docker/registry/v2/repositories/\(name)"

    @Test("is served as stored, converted, and pulled with its layer")
    func pulled() async throws {
        let tree = try ScratchTree()
        let tar = TestLayer.tar("a", [1, 2, 3])
        let layer = try TestLayer.gzip(tar)
        let digest = try store(layer, in: tree)
        let links = ["_layers/\(digest.algorithm)/\(digest.hex)", "_layers/tarsum/v1/sha256/\(Self.tarsum.suffix(64))"]
        for link in links { try write(digest.description, to: "\(link)/link", in: tree) }
        let image = #"{\"id\":\"\#(String(repeating: "cd", count: 32))\",\"created\":\"2015-03-03T03:03:03Z\"}"#
        let text = """
            {"schemaVersion":1,"name":"\(Self.name)","tag":"old","architecture":"amd64",\
            "fsLayers":[{"blobSum":"\(Self.tarsum)"}],"history":[{"v1Compatibility":"\(image)"}]}
            """
        let manifest = try store(Array(text.utf8), in: tree)
        for link in ["revisions/sha256/\(manifest.hex)", "tags/old/current"] {
            try write(manifest.description, to: "_manifests/\(link)/link", in: tree)
        }
        try await withRegistry(over: tree.open()) { port, _ in
            let client = RegistryClient(port: port, repository: Self.name)
            let stored = try await client.send("GET", "manifests/old", Era.schema1.pullHeaders)
            #expect(stored.status == 200 && stored.text.contains(Self.tarsum))
            #expect(stored["docker-content-digest"] == manifest.description)
            for method in ["HEAD", "GET"] {
                let blob = try await client.send(method, "blobs/\(Self.tarsum)")
                #expect(blob.status == 200 && blob["docker-content-digest"] == digest.description)
                if method == "GET" { #expect(blob.body == layer) }
            }
            for era in [Era.v1, .schema2, .oci] {
                #expect(try await client.pull("old", by: era).diffIDs == [Digest(.sha256, of: tar).description])
            }
            let other = "tarsum.v1+sha256:" + String(repeating: "00", count: 32)
            #expect(try await client.send("GET", "blobs/\(other)").status == 400)
        }
    }

    private func store(_ bytes: [UInt8], in tree: ScratchTree) throws -> Digest {
        let digest = Digest(.sha256, of: bytes)
        try tree.write(bytes, to: "docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data")
        return digest
    }

    private func write(_ text: String, to file: String, in tree: ScratchTree) throws {
        try tree.write(Array(text.utf8), to: "\(Self.repository)/\(file)")
    }
}
