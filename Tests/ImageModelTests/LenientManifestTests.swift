import ImageModel
import Testing

/// Manifests that registry:2 accepts although something is missing, and the interpretation of arbitrary stored bytes.
@Suite("A nonconforming manifest")
struct LenientManifestTests {
    private static let a = "sha256:" + String(repeating: "a", count: 64)
    private static let b = "sha256:" + String(repeating: "b", count: 64)
    private static let config = #""config":{"mediaType":"\#(MediaType.dockerConfiguration)","digest":"\#(a)","size":2}"#
    private static let schema2 = #""schemaVersion":2,"mediaType":"\#(MediaType.schema2)""#
    private static let index = #""schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)""#
    private static let list = #""schemaVersion":2,"mediaType":"\#(MediaType.manifestList)""#

    @Test(
        "is accepted as by registry:2 2.8, and read from the store as pushed",
        arguments: [
            #"{\#(schema2),"config":{"digest":"\#(a)"},"layers":[{"digest":"\#(b)"}]}"#,
            #"{\#(schema2),"config":{"digest":"\#(a)","mediaType":null,"size":null,"urls":[null]}}"#,
            #"{\#(schema2),"config":{"digest":"\#(a)","mediaType":"x/y","size":-1}}"#,
            #"{\#(schema2),"CONFIG":{"Digest":"\#(a)"},"Layers":null}"#,
            #"{\#(schema2),\#(config),"manifests":5,"blobs":7,"annotations":[],"artifactType":1,"subject":"x"}"#,
            #"{\#(schema2),\#(config),"subject":{"digest":7}}"#,
            #"{\#(index),"manifests":null}"#, #"{\#(index)}"#, #"{\#(list)}"#, #"{\#(list),\#(config),"layers":[]}"#,
            #"{\#(index),"manifests":[],"annotations":{"a":null,"b":5}}"#,
            #"{\#(index),"manifests":[{"digest":"\#(a)","annotations":{"a":null},"platform":{"os":null}}]}"#,
            #"{"schemaVersion":2,\#(config),"annotations":{"a":null}}"#,
            #"{"schemaVersion":1,"fsLayers":[{"blobSum":"\#(a)"}],"history":[{}]}"#,
            #"{"schemaVersion":1,"fsLayers":[{"blobSum":"\#(a)"}],"history":[{"v1Compatibility":""}]}"#,
        ]
    )
    func taken(text: String) throws {
        let pushed = try Manifest(parsing: Array(text.utf8), contentType: nil)
        let stored = Manifest(stored: Array(text.utf8))
        #expect(stored.fault == nil)
        #expect(stored.bytes == Array(text.utf8))
        #expect(stored.mediaType == pushed.mediaType)
        #expect(stored.requiredBlobs == pushed.requiredBlobs)
    }

    @Test("has empty fields where a descriptor lacks them")
    func defaults() throws {
        let text = #"{\#(Self.schema2),"config":{"digest":"\#(Self.a)"},"layers":[{"digest":"\#(Self.b)","size":7}]}"#
        let manifest = try Manifest(parsing: Array(text.utf8), contentType: .schema2)
        #expect(manifest.configuration?.mediaType == MediaType(""))
        #expect(manifest.configuration?.size == 0)
        #expect(manifest.referrerArtifactType == nil)
        #expect(manifest.layers.map(\.size) == [7])
        let digest = try Digest(parsing: Self.a)
        #expect(manifest.measured([digest: 9]).configuration?.size == 9)
        #expect(manifest.measured([digest: 9]).layers == manifest.layers)
    }

    @Test(
        "of a type that the body does not show is refused: it would come back with another",
        arguments: [
            (MediaType.schema2, #"{"schemaVersion":2,\#(config)}"#),
            (.manifestList, #"{"schemaVersion":2,"manifests":[]}"#),
        ]
    )
    func undeclared(type: MediaType, text: String) {
        #expect(throws: MalformedManifest.undeclared(type)) {
            try Manifest(parsing: Array(text.utf8), contentType: type)
        }
    }

    @Test(
        "is kept with the reason when stored bytes cannot be parsed",
        arguments: [
            ("", MediaType.octetStream), ("{", .octetStream), ("[]", .octetStream), ("\u{0}\u{FF}", .octetStream),
            ("{}", .json), (#"{"schemaVersion":2}"#, .json),
            (#"{\#(schema2)}"#, .schema2), (#"{\#(schema2),"config":{"digest":"sha256:1"}}"#, .schema2),
            (#"{"schemaVersion":"2",\#(config)}"#, .ociManifest),
            (#"{"schemaVersion":1,"fsLayers":5}"#, .schema1),
            (#"{"schemaVersion":1,"fsLayers":[{"blobSum":"tarsum+sha256:ab"}],"history":[{}]}"#, .schema1),
        ]
    )
    func stored(text: String, type: MediaType) {
        let manifest = Manifest(stored: Array(text.utf8))
        #expect(manifest.fault != nil)
        #expect(manifest.bytes == Array(text.utf8))
        #expect(manifest.mediaType == type)
        #expect(manifest.requiredBlobs.isEmpty && manifest.manifests.isEmpty && manifest.subject == nil)
    }

    @Test("with tarsum layers has the digests that they are resolved to")
    func tarsums() throws {
        let text = """
            {"schemaVersion":1,"fsLayers":[{"blobSum":"tarsum.v1+sha256:ab"},{"blobSum":"\(Self.b)"}],
             "history":[{"v1Compatibility":"{}"},{"v1Compatibility":"{}"}]}
            """
        let tarsum = try Tarsum(parsing: "tarsum.v1+sha256:ab")
        #expect(Manifest(stored: Array(text.utf8)).tarsums == [tarsum])
        let resolved = Manifest(stored: Array(text.utf8), layers: [tarsum: try Digest(parsing: Self.a)])
        #expect(resolved.fault == nil)
        #expect(resolved.schema1?.layers.map(\.description) == [Self.a, Self.b])
    }

    @Test(
        "recognizes a tarsum by its grammar",
        arguments: [
            ("tarsum+sha256:ab", "v0"), ("tarsum.v1+sha256:0123456789abcdef", "v1"), ("tarsum.dev+sha256:ab", "dev"),
        ]
    )
    func tarsum(text: String, version: String) throws {
        #expect(try Tarsum(parsing: text).version == version)
        #expect(try Tarsum(parsing: text).description == text)
    }

    @Test(
        "with an invalid tarsum is refused: it becomes part of a path",
        arguments: [
            "", ":", "tarsum", "tarsum:ab", "tarsum+sha256", "tarsum+sha256:", "tarsum.+sha256:ab", "tarsum+:ab",
            "tarsum./../+sha256:ab", "tarsum.v1+../x:ab", "tarsum.v1+sha256:AB", "tarsum.v1+sha256:a/b", "xtarsum+a:ab",
            "tarsum.v1+sha256:ab:cd", "sha256:ab",
        ]
    )
    func noTarsum(text: String) {
        #expect(throws: MalformedDigest.self) { try Tarsum(parsing: text) }
    }
}
