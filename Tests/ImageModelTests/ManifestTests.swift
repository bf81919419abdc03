import ImageModel
import Testing

@Suite("Manifest")
struct ManifestTests {
    private static let a = "sha256:" + String(repeating: "a", count: 64)
    private static let b = "sha512:" + String(repeating: "b", count: 128)
    private static let config =
        #""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(a)","size":2}"#
    private static let layers = #""layers":[{"mediaType":"x/y","digest":"\#(b)","size":9007199254740993}]"#

    private func parse(_ text: String, _ contentType: MediaType? = nil) throws(MalformedManifest) -> Manifest {
        try Manifest(parsing: Array(text.utf8), contentType: contentType)
    }

    @Test("an OCI image manifest lists its configuration and layers, with sha512 too")
    func ociManifest() throws {
        let text = #"{"schemaVersion":2,\#(Self.config),\#(Self.layers),"annotations":{"k":"v"}}"#
        let manifest = try parse(text)
        #expect(manifest.kind == .ociManifest)
        #expect(manifest.mediaType == .ociManifest)
        #expect(manifest.bytes == Array(text.utf8))
        #expect(manifest.configuration?.digest.description == Self.a)
        #expect(manifest.layers.map(\.digest.description) == [Self.b])
        #expect(manifest.layers.map(\.size) == [9_007_199_254_740_993])
        #expect(manifest.requiredBlobs.map(\.description) == [Self.a, Self.b])
        #expect(manifest.annotationsJSON.map { String(decoding: $0, as: UTF8.self) } == #"{"k":"v"}"#)
        #expect(manifest.artifactType == nil)
        #expect(manifest.referrerArtifactType == "application/vnd.oci.image.config.v1+json")
        #expect(manifest.subject == nil && manifest.schema1 == nil && manifest.manifests.isEmpty)
    }

    @Test("a subject, an artifact type and empty lists are preserved")
    func artifact() throws {
        let manifest = try parse(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"a/b",\(Self.config),
             "layers":null,"subject":{"mediaType":"m/n","digest":"\(Self.b)","size":0}}
            """,
            .ociManifest
        )
        #expect(manifest.artifactType == "a/b")
        #expect(manifest.referrerArtifactType == "a/b")
        #expect(manifest.subject?.digest.description == Self.b)
        #expect(manifest.layers.isEmpty)
    }

    @Test("an index lists manifests and their platforms")
    func index() throws {
        let manifest = try parse(
            """
            {"schemaVersion":2,"manifests":[
              {"mediaType":"m/n","digest":"\(Self.a)","size":1,
               "platform":{"os":"linux","architecture":"arm64","variant":"v8"},"annotations":{"x":"y"}},
              {"mediaType":"m/n","digest":"\(Self.b)","size":1,"artifactType":"t/u"}]}
            """
        )
        #expect(manifest.kind == .ociIndex)
        #expect(manifest.manifests.map(\.descriptor.digest.description) == [Self.a, Self.b])
        #expect(manifest.manifests[0].platform == Platform(os: "linux", architecture: "arm64", variant: "v8"))
        #expect(manifest.manifests[0].platform?.description == "linux/arm64/v8")
        #expect(!manifest.manifests[0].isReference)
        #expect(manifest.manifests[1].platform == nil)
        #expect(manifest.manifests[1].artifactType == "t/u")
        #expect(manifest.requiredBlobs.isEmpty)
    }

    @Test("schema1 has layers and history, whether signed or not")
    func schema1() throws {
        let body = """
            "schemaVersion":1,"name":"n","tag":"t","architecture":"amd64","fsLayers":[{"blobSum":"\(Self.a)"},\
            {"blobSum":"\(Self.a)"}],"history":[{"v1Compatibility":"{\\"id\\":1}"},{"v1Compatibility":"{}"}]
            """
        let manifest = try parse("{\(body)}")
        #expect(manifest.mediaType == .schema1)
        #expect(manifest.schema1?.name == "n" && manifest.schema1?.tag == "t")
        #expect(manifest.schema1?.history == [#"{"id":1}"#, "{}"])
        #expect(manifest.requiredBlobs.map(\.description) == [Self.a])
        #expect(manifest.layers.isEmpty)
        for type in [nil, .schema1, .schema1Signed, .json] as [MediaType?] {
            #expect(try parse("{\(body),\"signatures\":[{}]}", type).mediaType == .schema1Signed)
        }
    }

    @Test("foreign layers are not required to be present")
    func foreignLayers() throws {
        let layer = #"{"mediaType":"\#(MediaType.dockerForeignLayer)","digest":"\#(Self.b)","size":1,"urls":["u"]}"#
        let manifest = try parse(#"{"schemaVersion":2,\#(Self.config),"layers":[\#(layer)]}"#, .ociManifest)
        #expect(manifest.layers.count == 1)
        #expect(manifest.requiredBlobs.map(\.description) == [Self.a])
    }

    @Test(
        "an unknown type with a graph of descriptors is accepted",
        arguments: [
            #""blobs":[{"mediaType":"x/y","digest":"\#(a)","size":1}]"#, config,
            #""subject":{"mediaType":"x/y","digest":"\#(a)","size":1}"#, #""manifests":[]"#,
        ]
    )
    func other(member: String) throws {
        let type = MediaType("application/vnd.example+json")
        #expect(try parse("{\(member),\"mediaType\":\"\(type)\"}", type).kind == .other)
        #expect(try parse("{\(member),\"mediaType\":\"\(type)\"}").mediaType == type)
        #expect(throws: MalformedManifest.undeclared(type)) { try parse("{\(member)}", type) }
    }

    @Test(
        "the type comes from the declaration, else from the body, else from its shape",
        arguments: [
            (MediaType.ociManifest, #"{"schemaVersion":2,\#(config),\#(layers)}"#, MediaType.ociManifest),
            (.octetStream, #"{"schemaVersion":2,"mediaType":"\#(MediaType.schema2)",\#(config)}"#, .schema2),
            (.json, #"{"schemaVersion":2,\#(config)}"#, .ociManifest),
            (nil, #"{"schemaVersion":2,"mediaType":"\#(MediaType.manifestList)","manifests":[]}"#, .manifestList),
            (nil, #"{"schemaVersion":2,"mediaType":"","manifests":[]}"#, .ociIndex),
            (nil, #"{"schemaVersion":1,"fsLayers":[],"history":[]}"#, .schema1),
        ] as [(MediaType?, String, MediaType)]
    )
    func mediaTypes(declared: MediaType?, text: String, expected: MediaType) throws {
        #expect(try parse(text, declared).mediaType == expected)
    }

    @Test(
        "an error names the fault",
        arguments: [
            ("[]", MalformedManifest.notAnObject),
            ("{}", .unrecognised),
            (#"{"schemaVersion":2}"#, .unrecognised),
            (#"{"schemaVersion":1,"manifests":[],"fsLayers":[],"history":[]}"#, .ambiguous(field: "manifests")),
            (#"{"mediaType":"a/b"}"#, .noDescriptors),
            (#"{"mediaType":7}"#, .malformed(field: "mediaType", reason: "is not a string")),
            (#"{\#(config)}"#, .wrongSchemaVersion(expected: 2)),
            (#"{"schemaVersion":"2",\#(config)}"#, .wrongSchemaVersion(expected: 2)),
            (#"{"schemaVersion":2,"manifests":[],\#(config)}"#, .ambiguous(field: "config")),
            (
                #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)",\#(config),"manifests":[]}"#,
                .ambiguous(field: "manifests")
            ),
            (#"{"schemaVersion":2,"mediaType":"\#(MediaType.schema2)"}"#, .missing(field: "config")),
            (#"{"schemaVersion":2,"config":[]}"#, .malformed(field: "config", reason: "is not an object")),
            (#"{"schemaVersion":2,"config":{"mediaType":"a/b","size":1}}"#, .missing(field: "config.digest")),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:abc","size":1}}"#,
                .malformed(field: "config.digest", reason: "'sha256:abc' is not a digest")
            ),
            (
                #"{"schemaVersion":2,\#(config),"layers":[{"mediaType":"a/b","digest":"\#(a)","size":1.5}]}"#,
                .malformed(field: "layers[0].size", reason: "is not an integer")
            ),
            (
                #"{"schemaVersion":2,\#(config),"layers":{}}"#, .malformed(field: "layers", reason: "is not a list")
            ),
            (
                #"{"schemaVersion":2,\#(config),"annotations":{"k":1}}"#,
                .malformed(field: "annotations.k", reason: "is not a string")
            ),
            (
                #"{"schemaVersion":1,"fsLayers":[{"blobSum":"\#(a)"}],"history":[]}"#,
                .malformed(field: "history", reason: "has 0 entries for 1 layers")
            ),
            (
                #"{"schemaVersion":1,"fsLayers":[{}],"history":[]}"#, .missing(field: "fsLayers[0].blobSum")
            ),
            (
                #"{"schemaVersion":1,"fsLayers":[{"blobSum":"tarsum.v1+sha256:ab"}],"history":[{}]}"#,
                .malformed(
                    field: "fsLayers[0].blobSum",
                    reason: "'tarsum.v1+sha256:ab' is not a known layer"
                )
            ),
        ]
    )
    func refusals(text: String, reason: MalformedManifest) {
        #expect(throws: reason) { try parse(text) }
    }

    @Test("a body of a type other than declared is refused")
    func mismatch() {
        let text = #"{"schemaVersion":2,"mediaType":"\#(MediaType.schema2)",\#(Self.config)}"#
        #expect(throws: MalformedManifest.mediaTypeMismatch(declared: .ociManifest, body: .schema2)) {
            try parse(text, .ociManifest)
        }
    }
}
