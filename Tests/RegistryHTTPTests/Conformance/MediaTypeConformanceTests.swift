import ImageModel
import SystemLibraries
import Testing

/// OCI Distribution Specification, "Pushing Manifests"; OCI Image Specification, "Image Index".
@Suite struct MediaTypeConformanceTests {
    private static let docker = "application/vnd.docker.distribution.manifest.v2+json"
    private static let dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
    private static let custom = "application/vnd.example.thing.v1+json"

    @Test(
        "a list is kept byte for byte, whatever it lists and whatever lists it",
        arguments: [(TestManifest.ociManifest, TestManifest.ociIndex), (docker, dockerList)]
    )
    func lists(imageType: String, listType: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let configuration = Array("{}".utf8)
            try await client.push(blob: configuration)
            let image = TestManifest.image(configuration, layers: [], mediaType: imageType)
            let list = TestManifest.index([image], mediaType: listType)
            let empty = TestManifest.index([], mediaType: listType)
            let nested = TestManifest.index([list, empty, image], mediaType: TestManifest.ociIndex)
            for (number, manifest) in [image, list, empty, nested].enumerated() {
                try await Self.expectKept(manifest, as: "tag-\(number)", client)
            }
        }
    }

    @Test("an artifact without a layer is kept byte for byte")
    func artifact() async throws {
        try await ConformanceTarget.withRepository { client in
            let empty = Array("{}".utf8)
            let digest = try await client.push(blob: empty)
            let text = """
                {"schemaVersion":2,"mediaType":"\(TestManifest.ociManifest)","artifactType":"application/vnd.example",
                 "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"\(digest)","size":2,"data":"e30="},
                 "layers":[{"mediaType":"application/vnd.oci.empty.v1+json","digest":"\(digest)","size":2}]}
                """
            let artifact = TestManifest(mediaType: TestManifest.ociManifest, text)
            try await Self.expectKept(artifact, as: "artifact", client)
        }
    }

    @Test(
        "a manifest of an unknown type is kept byte for byte",
        .enabled(if: ConformanceTarget.isOwn, "a registry need not take every type")
    )
    func customType() async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: Array("{}".utf8))
            let text = """
                {"schemaVersion": 2, "mediaType": "\(Self.custom)", "more": [1, 2.50],
                 "config": {"mediaType": "application/json", "digest": "\(digest)", "size": 2}, "layers": []}
                """
            try await Self.expectKept(TestManifest(mediaType: Self.custom, text), as: "custom", client)
        }
    }

    private static func expectKept(_ manifest: TestManifest, as tag: String, _ client: RegistryClient) async throws {
        #expect(try await client.push(manifest, as: tag).status == 201)
        for reference in [tag, manifest.digest.description] {
            let answer = try await client.send("GET", "manifests/\(reference)", [("Accept", manifest.mediaType)])
            #expect(answer.status == 200)
            #expect(answer.body == manifest.bytes)
            #expect(answer["content-type"] == manifest.mediaType)
            #expect(answer["docker-content-digest"] == manifest.digest.description)
        }
    }
}
