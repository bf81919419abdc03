import ImageModel
import Testing

@Suite("v1 image JSON")
struct V1ImageTests {
    private static let id = String(repeating: "ab", count: 32)
    private static let parent = String(repeating: "0", count: 64)

    @Test("keeps its bytes and shows its members")
    func parsing() throws {
        let json = Array(#" {"id":"\#(Self.id)","parent":"\#(Self.parent)","architecture":"arm","os":"linux"} "#.utf8)
        let image = try V1Image(parsing: json)
        #expect(image.json == json)
        #expect(image.id.description == Self.id)
        #expect(image.parent?.description == Self.parent)
        #expect(image.declaredArchitecture == "arm")
        #expect(image.declaredOS == "linux")
    }

    @Test("has no parent where that is absent, null or empty", arguments: ["", #","parent":"""#, #","parent":null"#])
    func base(member: String) throws {
        let image = try V1Image(parsing: Array("{\"id\":\"\(Self.id)\"\(member)}".utf8))
        #expect(image.parent == nil)
        #expect(image.declaredArchitecture == nil)
    }

    @Test("matches keys exactly and takes the last of duplicates")
    func keys() throws {
        let image = try V1Image(parsing: Array(#"{"id":"x","ID":"y","id":"\#(Self.id)","Parent":"z"}"#.utf8))
        #expect(image.id.description == Self.id)
        #expect(image.parent == nil)
    }

    @Test(
        "reports precisely what is wrong with it",
        arguments: [
            ("[]", MalformedV1Image.notAnObject), ("null", .notAnObject), ("{}", .noID), (#"{"ID":"x"}"#, .noID),
            (#"{"id":"x"}"#, .malformedID("x")), (#"{"id":7}"#, .malformedID("7")),
            (#"{"id":null}"#, .malformedID("null")),
            (#"{"id":"\#(id)","parent":"y"}"#, .malformedParent("y")),
            (#"{"id":"\#(id)","parent":[1]}"#, .malformedParent("[1]")),
        ]
    )
    func refusals(text: String, reason: MalformedV1Image) {
        #expect(throws: reason) { try V1Image(parsing: Array(text.utf8)) }
    }

    @Test("is refused unless it is JSON", arguments: ["", "{", "garbage", "{\"id\":\"\(id)\"}x"])
    func notJSON(text: String) {
        let error = #expect(throws: MalformedV1Image.self) { try V1Image(parsing: Array(text.utf8)) }
        guard case .notJSON? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
