import ImageModel
import Testing

@Suite("v1 ancestry")
struct V1AncestryTests {
    private static let a = String(repeating: "a", count: 64)
    private static let b = String(repeating: "b", count: 16)

    @Test("is read and written in docker-registry's format")
    func roundTrip() throws {
        let bytes = Array("[\"\(Self.a)\", \"\(Self.b)\"]".utf8)
        let ancestry = try V1Ancestry(parsing: bytes)
        #expect(ancestry.ids.map(\.description) == [Self.a, Self.b])
        #expect(ancestry.encoded == bytes)
        let parent = try V1Ancestry(parsing: Array("[\"\(Self.b)\"]".utf8))
        #expect(try V1Ancestry(of: V1ImageID(parsing: Self.a), below: parent) == ancestry)
        #expect(try V1Ancestry(of: V1ImageID(parsing: Self.b), below: nil) == parent)
    }

    @Test("cannot contain an image twice")
    func cycle() throws {
        let parent = try V1Ancestry(parsing: Array("[\"\(Self.b)\"]".utf8))
        let id = try V1ImageID(parsing: Self.b)
        #expect(throws: MalformedV1Ancestry.repeated(id)) { try V1Ancestry(of: id, below: parent) }
        #expect(throws: MalformedV1Ancestry.repeated(id)) {
            try V1Ancestry(parsing: Array("[\"\(Self.b)\",\"\(Self.b)\"]".utf8))
        }
    }

    @Test(
        "reports what is wrong with it",
        arguments: [
            ("{}", MalformedV1Ancestry.notAList), ("[]", .empty), ("[\"x\"]", .malformedID("x")),
            ("[1]", .malformedID("1")),
            ("\"\(a)\"", .notAList),
        ]
    )
    func refusals(text: String, reason: MalformedV1Ancestry) {
        #expect(throws: reason) { try V1Ancestry(parsing: Array(text.utf8)) }
    }

    @Test("is refused unless it is JSON, as while a file is being written", arguments: ["", "[\"\(a)\"", "garbage"])
    func notJSON(text: String) {
        let error = #expect(throws: MalformedV1Ancestry.self) { try V1Ancestry(parsing: Array(text.utf8)) }
        guard case .notJSON? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
