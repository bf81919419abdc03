import Conversion
import ImageModel
import SystemLibraries
import Testing

@Suite("schema1 to schema2")
struct Schema1ConversionTests {
    private static let base = String(repeating: "1", count: 64)
    private static let middle = String(repeating: "2", count: 64)
    private static let top = String(repeating: "3", count: 64)

    @Test("the configuration has the engine's bytes and the engine's image id", arguments: GoldenSchema1.all)
    func golden(golden: GoldenSchema1) throws {
        let image = try ConvertedImage(schema1: golden.history(), layers: golden.layers())
        let text = String(decoding: image.configuration, as: UTF8.self)
        #expect(text == String(decoding: try golden.configuration(), as: UTF8.self))
        #expect(image.configuration == (try golden.configuration()))
        #expect(image.configurationDigest == (try golden.imageID()))
    }

    @Test("the manifest has a layer for each entry that is not throwaway, bottom first")
    func throwaways() throws {
        let (history, layers) = try Self.history([
            (Self.top, #","parent":"\#(Self.middle)","throwaway":false"#, "c"),
            (Self.middle, #","parent":"\#(Self.base)","throwaway":true"#, "b"),
            (Self.base, "", "a"),
        ])
        #expect(history.layers == ["a", "c"].map(Self.digest))
        let image = try ConvertedImage(schema1: history, layers: layers)
        let manifest = try Manifest(parsing: image.manifest, contentType: .schema2)
        #expect(manifest.layers.map(\.digest) == ["a", "c"].map(Self.digest))
        let configuration = try JSONValue(parsing: image.configuration)
        #expect(configuration["rootfs"]?["diff_ids"]?.array?.count == 2)
        #expect(configuration["history"]?.array?.map { $0["empty_layer"]?.boolean } == [nil, true, nil])
        #expect(configuration["throwaway"] == nil && configuration["id"] == nil && configuration["parent"] == nil)
    }

    @Test("of neighbours with the same id, the lower one counts")
    func duplicates() throws {
        let (history, _) = try Self.history([
            (Self.top, #","parent":"\#(Self.base)","comment":"upper""#, "d"),
            (Self.top, #","parent":"\#(Self.base)","comment":"lower""#, "c"),
            (Self.base, "", "b"),
            (Self.base, "", "a"),
        ])
        #expect(history.layers == ["a", "c"].map(Self.digest))
    }

    @Test(
        "an invalid chain is refused with the reason",
        arguments: [
            ([(top, #","parent":"\#(middle)""#), (base, "")], "expected the parent \(base), found \(middle)"),
            ([(top, ""), (base, "")], "expected the parent \(base), found none"),
            ([(base, #","parent":"\#(top)""#)], "expected the parent none, found \(top)"),
            (
                [(base, #","parent":"\#(top)""#), (top, #","parent":"\#(base)""#), (base, "")],
                "image \(base) appears twice"
            ),
            ([("short", "")], "entry 0 of the history is not a v1 image"),
            ([(base, #","throwaway":"yes""#)], "throwaway must be true or false"),
            ([(base, #","config":[]"#)], "config must be an object"),
            ([], "the chain is empty"),
        ] as [([(String, String)], String)]
    )
    func brokenChains(entries: [(String, String)], reason: String) throws {
        let error = #expect(throws: UnconvertibleImage.self) {
            try Self.history(entries.map { ($0.0, $0.1, "a") })
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("an unknown layer is named")
    func unknownLayer() throws {
        let (history, layers) = try Self.history([(Self.base, "", "a")])
        #expect(throws: UnconvertibleImage.layerUnknown(Self.digest("a"))) {
            try ConvertedImage(schema1: history, layers: [:])
        }
        #expect(throws: Never.self) { try ConvertedImage(schema1: history, layers: layers) }
    }

    /// A history of these images, top first: an id, more members, and a letter for the layer.
    private static func history(
        _ entries: [(id: String, members: String, layer: String)]
    ) throws -> (Schema1History, [Digest: StoredLayer]) {
        let schema1 = try TestManifest.schema1(
            entries.map { (digest($0.layer), #"{"id":"\#($0.id)"\#($0.members)}"#) }
        )
        let stored = entries.map { entry in
            let blob = Descriptor(mediaType: .dockerLayerGzip, digest: digest(entry.layer), size: 7)
            return (blob.digest, StoredLayer(blob: blob, diffID: digest("diff of \(entry.layer)")))
        }
        return (try Schema1History(schema1), Dictionary(stored, uniquingKeysWith: { $1 }))
    }

    private static func digest(_ text: String) -> Digest { TestManifest.digest(text) }
}
