import Conversion
import ImageModel
import SystemLibraries
import Testing

@Suite("A v2 image as a v1 chain")
struct ProjectedChainTests {
    private static let layers = ["1", "2"].map { digit in Digest(.sha256, of: Array("layer \(digit)".utf8)) }
    private static let history = """
        [{"created":"2020-01-01T00:00:00.120Z","created_by":"ADD a & b"},\
        {"created":"2020-01-01T00:00:01Z","created_by":"ENV x","author":"me","comment":"c","empty_layer":true},\
        {"created":"2020-01-02T03:04:05.600Z","created_by":"CMD"}]
        """

    private static func configuration(history: String?) -> [UInt8] {
        let history = history.map { "\"history\":\($0)," } ?? ""
        return Array(
            """
            {"os":"linux", "architecture":"amd64","config":{"Cmd":["sh"],"Labels":{"a":"<b>"}},\(history)\
            "created":"2020-01-02T03:04:05.600Z","rootfs":{"type":"layers","diff_ids":[]}}
            """.utf8
        )
    }

    private static func id(_ text: String) -> String { Digest(.sha256, of: Array(text.utf8)).hex }

    @Test("has an image for each history entry, with the same ids and JSON as its schema1 form")
    func projects() throws {
        let configuration = Self.configuration(history: Self.history)
        let chain = try ProjectedChain(configuration: configuration, layers: Self.layers)
        let empty = "a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"
        let first = Self.id("\(Self.layers[0].hex) ")
        let second = Self.id("\(empty) \(first)")
        let third = Self.id("\(Self.layers[1].hex) \(second) \(String(decoding: configuration, as: UTF8.self))")
        #expect(chain.images.map(\.id.description) == [first, second, third])
        #expect(chain.images.map(\.layer.hex) == [Self.layers[0].hex, empty, Self.layers[1].hex])
        let texts = chain.images.map { String(decoding: $0.json, as: UTF8.self) }
        #expect(
            texts == [
                """
                {"id":"\(first)","created":"2020-01-01T00:00:00.12Z","container_config":{"Cmd":["ADD a \\u0026 b"]}}
                """,
                """
                {"id":"\(second)","parent":"\(first)","comment":"c","created":"2020-01-01T00:00:01Z",\
                "container_config":{"Cmd":["ENV x"]},"author":"me","throwaway":true}
                """,
                """
                {"architecture":"amd64","config":{"Cmd":["sh"],"Labels":{"a":"\\u003cb\\u003e"}},\
                "created":"2020-01-02T03:04:05.600Z","id":"\(third)","os":"linux","parent":"\(second)"}
                """,
            ]
        )
    }

    @Test(
        "has an image for each layer when its history does not match",
        arguments: [nil, "[]", "null", "{}", "[{}]", "[{},{},{}]", "[{\"empty_layer\":true}]"]
    )
    func synthesizes(history: String?) throws {
        let chain = try ProjectedChain(configuration: Self.configuration(history: history), layers: Self.layers)
        #expect(chain.images.map(\.layer) == Self.layers)
        let root = String(decoding: chain.images[0].json, as: UTF8.self)
        #expect(root.hasSuffix("\"created\":\"0001-01-01T00:00:00Z\",\"container_config\":{\"Cmd\":[\"\"]}}"))
    }

    @Test("is one empty image when it has neither layers nor history")
    func empty() throws {
        let chain = try ProjectedChain(configuration: Self.configuration(history: nil), layers: [])
        #expect(chain.images.map(\.layer) == [EmptyLayer.digest])
        #expect(String(decoding: chain.images[0].json, as: UTF8.self).contains("\"throwaway\":true"))
    }

    @Test("of one image has no parent, whatever its configuration contains")
    func ownParent() throws {
        let configuration = Array(#"{"parent":"\#(Self.root)","history":[{"created_by":"a"}]}"#.utf8)
        let chain = try ProjectedChain(configuration: configuration, layers: [Self.layers[0]])
        #expect(try chain.images.map { try V1Image(parsing: $0.json).parent } == [nil])
    }

    @Test("has only images that are valid in v1, each with the one below as its parent")
    func isChain() throws {
        let configuration = Self.configuration(history: Self.history)
        let images = try ProjectedChain(configuration: configuration, layers: Self.layers).images
        let parsed = try images.map { try V1Image(parsing: $0.json) }
        #expect(parsed.map(\.id) == images.map(\.id))
        #expect(parsed.map(\.parent) == [nil] + images.dropLast().map(\.id))
    }

    @Test("is refused when its configuration is not an object", arguments: ["", "[]", "\"a\"", "{"])
    func refuses(configuration: String) {
        #expect(throws: UnprojectableImage.malformedConfiguration) {
            try ProjectedChain(configuration: Array(configuration.utf8), layers: [])
        }
    }

    @Test("is refused when it is longer than any engine allows")
    func tooLong() throws {
        let steps = Array(repeating: #"{"empty_layer":true}"#, count: 5000).joined(separator: ",")
        let configuration = Array("{\"history\":[\(steps)]}".utf8)
        let layers = Array(repeating: Digest(.sha256, of: []), count: 5000)
        for (configuration, layers) in [(configuration, []), (Array("{}".utf8), layers)] {
            #expect(throws: UnprojectableImage.tooLong(limit: 4096)) {
                try ProjectedChain(configuration: configuration, layers: layers)
            }
            #expect(throws: UnprojectableImage.tooLong(limit: 4096)) {
                try ProjectedChain.ids(configuration: configuration, layers: layers)
            }
        }
    }

    private static let top = String(repeating: "b", count: 64)
    private static let root = String(repeating: "a", count: 64)

    private func schema1(_ history: [String]) throws -> Manifest.Schema1? {
        let blobs = history.indices.map { "{\"blobSum\":\"\(Digest(.sha256, of: [UInt8($0)]))\"}" }
        let entries = history.map { text in
            var writer = JSONWriter(.compact)
            writer.object { writer in
                writer.key("v1Compatibility")
                writer.string(text)
            }
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        let text = """
            {"schemaVersion":1,"name":"a","tag":"b","architecture":"amd64",\
            "fsLayers":[\(blobs.joined(separator: ","))],"history":[\(entries.joined(separator: ","))]}
            """
        return try Manifest(parsing: Array(text.utf8), contentType: nil).schema1
    }

    @Test("keeps the JSON of a schema1 manifest byte for byte, and the lower one of neighbours with the same id")
    func schema1() throws {
        let history = [
            #"{"id":"\#(Self.top)", "parent":"\#(Self.root)"}"#, #"{"id":"\#(Self.top)","parent":"\#(Self.root)"}"#,
            #"{"id":"\#(Self.root)"}"#,
        ]
        let chain = try ProjectedChain(#require(try schema1(history)))
        #expect(chain.images.map(\.id.description) == [Self.root, Self.top])
        #expect(chain.images.map { String(decoding: $0.json, as: UTF8.self) } == [history[2], history[1]])
        #expect(chain.images.map(\.layer) == [Digest(.sha256, of: [2]), Digest(.sha256, of: [1])])
    }

    @Test("is refused when a schema1 entry's parent is not the next entry")
    func brokenChain() throws {
        let manifest = try #require(try schema1([#"{"id":"\#(Self.top)"}"#, #"{"id":"\#(Self.root)"}"#]))
        #expect(throws: UnprojectableImage.brokenChain(index: 1)) { try ProjectedChain(manifest) }
    }
}
