import Conversion
import ImageModel
import SystemLibraries
import Testing

@Suite("schema2 and OCI to schema1")
struct DerivedSchema1Tests {
    private static let name = "team/app"
    private static let tag = "1.0"
    private static let gzip = MediaType.dockerLayerGzip

    /// The schema1 payload of an image with `layerCount` layers and this configuration.
    private static func derive(
        layerCount: Int,
        _ configuration: String,
        replacing replacements: [Digest: Descriptor] = [:]
    ) throws -> Manifest.Schema1 {
        let layers = Array(repeating: gzip, count: layerCount)
        let image = try TestManifest.image(.schema2, configuration: .dockerConfiguration, layers: layers)
        let derived = DerivedManifest(
            schema1: try ProjectedChain(image: image, configuration: Array(configuration.utf8)),
            name: try RepositoryName(parsing: name),
            tag: try Tag(parsing: tag),
            replacing: replacements
        )
        #expect(derived.mediaType == .schema1Signed)
        return try #require(Manifest(parsing: derived.bytes, contentType: .schema1).schema1)
    }

    @Test("a v1 image with throwaway set, which means nothing in v1, keeps its layer")
    func throwaway() throws {
        let id = String(repeating: "a", count: 64)
        let json = #"{"id":"\#(id)","throwaway":true,"Size":1.50,"comment":"<c>"}"#
        let layer = TestManifest.digest("layer")
        let chain = ProjectedChain(stored: [(try V1Image(parsing: Array(json.utf8)), layer)])
        #expect(chain.images.map(\.layer) == [layer])
        let kept = #"{"id":"\#(id)","Size":1.50,"comment":"\u003cc\u003e"}"#
        #expect(chain.images.map { String(decoding: $0.json, as: UTF8.self) } == [kept])
    }

    @Test("an entry without a layer gets the empty layer's blob; ids follow from blobs, parents and configuration")
    func history() throws {
        let configuration = #"""
            {"architecture":"arm64","os":"linux","config":{"Cmd":["<x>"]},"created":"2020-01-02T03:04:05.5Z",
             "rootfs":{"type":"layers","diff_ids":[]},"history":[
              {"created":"2020-01-01T00:00:00.10Z","created_by":"a && b","author":"me","comment":"c"},
              {"created":"2020-01-01T00:00:01Z","created_by":"ENV","empty_layer":true},
              {"created_by":"top"}]}
            """#
        let schema1 = try Self.derive(layerCount: 2, configuration)
        let layers = [TestManifest.digest("layer 0"), EmptyLayer.digest, TestManifest.digest("layer 1")]
        #expect(schema1.layers == layers.reversed())
        #expect(schema1.name == Self.name && schema1.tag == Self.tag && schema1.architecture == "arm64")

        let base = TestManifest.digest("\(layers[0].hex) ").hex
        let middle = TestManifest.digest("\(layers[1].hex) \(base)").hex
        let top = TestManifest.digest("\(layers[2].hex) \(middle) \(configuration)").hex
        let cmd = #""container_config":{"Cmd":["#
        #expect(
            schema1.history == [
                #"{"architecture":"arm64","config":{"Cmd":["\u003cx\u003e"]},"created":"2020-01-02T03:04:05.5Z","#
                    + #""id":"\#(top)","os":"linux","parent":"\#(middle)"}"#,
                #"{"id":"\#(middle)","parent":"\#(base)","created":"2020-01-01T00:00:01Z",\#(cmd)"ENV"]},"#
                    + #""throwaway":true}"#,
                #"{"id":"\#(base)","comment":"c","created":"2020-01-01T00:00:00.1Z",\#(cmd)"a \u0026\u0026 b"]},"#
                    + #""author":"me"}"#,
            ]
        )
    }

    @Test(
        "an image whose history does not match its layers has an entry for each layer",
        arguments: [
            (0, "{}", 1), (3, "{}", 3), (2, #"{"history":[]}"#, 2), (2, #"{"history":null}"#, 2),
            (1, #"{"history":[{},{}]}"#, 1), (3, #"{"history":[{},{"empty_layer":true}]}"#, 3),
            (0, #"{"history":[{"empty_layer":true}]}"#, 1), (1, #"{"history":7}"#, 1),
        ]
    )
    func unevenHistory(layerCount: Int, configuration: String, entryCount: Int) throws {
        let schema1 = try Self.derive(layerCount: layerCount, configuration)
        #expect(schema1.history.count == entryCount)
        #expect(schema1.layers.filter { $0 != EmptyLayer.digest }.count == layerCount)
        #expect(try Schema1History(schema1).layers.count == layerCount)
    }

    @Test("a recompressed layer is referred to by its new digest, and the ids stay the same")
    func replacement() throws {
        let plain = try Self.derive(layerCount: 2, "{}")
        let stored = TestManifest.digest("layer 1")
        let gzip = Descriptor(mediaType: Self.gzip, digest: TestManifest.digest("gzip"), size: 4)
        let replaced = try Self.derive(layerCount: 2, "{}", replacing: [stored: gzip])
        #expect(replaced.history == plain.history)
        #expect(replaced.layers == [gzip.digest, plain.layers[1]])
    }

    @Test("an invalid configuration is refused", arguments: ["", "[]", "{", "null"])
    func malformedConfiguration(text: String) {
        #expect(throws: UnderivableManifest.unprojectable(.malformedConfiguration)) {
            try Self.derive(layerCount: 1, text)
        }
    }
}
