import Conversion
import ImageModel
import SystemLibraries
import Testing

@Suite("Manifests of images in another form")
struct DerivedManifestTests {
    private static let gzip = MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
    private static let zstd = MediaType("application/vnd.oci.image.layer.v1.tar+zstd")
    private static let foreign = MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")

    private static func oci(_ layers: [MediaType], members: String = "") throws -> Manifest {
        try TestManifest.image(.ociManifest, configuration: .ociConfiguration, layers: layers, members: members)
    }

    @Test("OCI to schema2 uses Docker's types, the same digests and Docker's formatting, and drops annotations")
    func schema2() throws {
        let derived = try DerivedManifest(
            image: Self.oci([Self.gzip], members: #","annotations":{"a":"b"},"subject":null"#),
            in: .docker
        )
        #expect(derived.mediaType == .schema2)
        #expect(
            String(decoding: derived.bytes, as: UTF8.self) == """
                {
                   "schemaVersion": 2,
                   "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                   "config": {
                      "mediaType": "application/vnd.docker.container.image.v1+json",
                      "size": 13,
                      "digest": "\(TestManifest.digest("configuration"))"
                   },
                   "layers": [
                      {
                         "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                         "size": 7,
                         "digest": "\(TestManifest.digest("layer 0"))"
                      }
                   ]
                }
                """
        )
        #expect(derived.digest == Digest(.sha256, of: derived.bytes))
    }

    @Test("schema2 converted to OCI and back is unchanged", arguments: [[], [gzip], [gzip, foreign, gzip]])
    func thereAndBack(layers: [MediaType]) throws {
        let schema2 = try DerivedManifest(image: Self.oci(layers), in: .docker)
        let oci = try DerivedManifest(image: Manifest(parsing: schema2.bytes, contentType: nil), in: .oci)
        #expect(oci.mediaType == .ociManifest)
        let manifest = try Manifest(parsing: oci.bytes, contentType: .ociManifest)
        #expect(manifest.layers == (try Self.oci(layers)).layers)
        #expect(manifest.configuration == (try Self.oci(layers)).configuration)
        #expect(try DerivedManifest(image: manifest, in: .docker) == schema2)
    }

    @Test("a foreign layer keeps its URLs, and cannot be converted to schema1")
    func foreignLayers() throws {
        let manifest = try Self.oci([Self.foreign, Self.gzip])
        let derived = try DerivedManifest(image: manifest, in: .docker)
        let parsed = try Manifest(parsing: derived.bytes, contentType: .schema2)
        #expect(parsed.layers.map(\.urls) == [["http://localhost/a&b"], []])
        #expect(parsed.layers.first?.mediaType == .dockerForeignLayer)
        #expect(throws: UnderivableManifest.layerElsewhere(TestManifest.digest("layer 0"))) {
            try ProjectedChain(image: manifest, configuration: Array("{}".utf8))
        }
    }

    @Test("a zstd layer needs a replacement in schema2, and none in OCI")
    func zstdLayers() throws {
        let manifest = try Self.oci([Self.gzip, Self.zstd, Self.zstd])
        let unread = TestManifest.digest("layer 1")
        #expect(manifest.layersToRecompress.map(\.digest) == [unread, TestManifest.digest("layer 2")])
        #expect(throws: UnderivableManifest.unreadableLayer(unread)) {
            try DerivedManifest(image: manifest, in: .docker)
        }
        #expect(throws: Never.self) { try DerivedManifest(image: manifest, in: .oci) }
        let replacements = Dictionary(
            uniqueKeysWithValues: manifest.layersToRecompress.map { layer in
                let name = TestManifest.digest("gzip of \(layer.digest)")
                return (layer.digest, Descriptor(mediaType: .dockerLayerGzip, digest: name, size: 9))
            }
        )
        let derived = try DerivedManifest(image: manifest, in: .docker, replacing: replacements)
        let layers = try Manifest(parsing: derived.bytes, contentType: .schema2).layers
        #expect(layers.map(\.mediaType) == [.dockerLayerGzip, .dockerLayerGzip, .dockerLayerGzip])
        #expect(layers[1].digest == replacements[unread]?.digest)
    }

    @Test(
        "a manifest that is not an image is refused, and its type named",
        arguments: [
            (MediaType("application/vnd.cncf.helm.config.v1+json"), [gzip], ""),
            (MediaType("application/vnd.oci.empty.v1+json"), [], #","artifactType":"application/x-thing""#),
            (.ociConfiguration, [MediaType("application/vnd.in-toto+json")], ""),
        ]
    )
    func artifacts(configuration: MediaType, layers: [MediaType], members: String) throws {
        let manifest = try TestManifest.image(
            .ociManifest,
            configuration: configuration,
            layers: layers,
            members: members
        )
        let error = #expect(throws: UnderivableManifest.self) { try DerivedManifest(image: manifest, in: .docker) }
        let name =
            members.isEmpty ? (layers.last == Self.gzip ? configuration : layers[0]) : MediaType("application/x-thing")
        let refusal = try #require(error)
        #expect(refusal.description.contains(name.description))
        #expect(throws: refusal) { try ProjectedChain(image: manifest, configuration: Array("{}".utf8)) }
    }
}
