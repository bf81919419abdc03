import ImageModel
import Testing

@Suite("JSON texts")
struct JSONTextTests {
    @Test("return each member's own bytes")
    func members() throws {
        let json = try JSONText(parsing: #" { "a" : { "x" : 1.50 } , "b":[ 1, "]" ],"\u0061":null } "#.utf8)
        let members = try #require(json.members)
        #expect(members.map(\.key) == ["a", "b", "a"])
        #expect(
            members.map { String(decoding: $0.value.bytes, as: UTF8.self) } == [
                #"{ "x" : 1.50 }"#, #"[ 1, "]" ]"#, "null",
            ]
        )
        #expect(json["a"]?.isNull == true)
        #expect(json["b"]?.elements?.map(\.integer) == [1, nil])
        #expect(members[0].value["x"]?.number == "1.50")
        #expect(json.elements == nil && json.string == nil && json.isObject)
    }

    @Test(
        "find the last member of a key, ignoring case on request",
        arguments: [
            (#"{"a":1,"a":2}"#, 2, 2), (#"{"A":1}"#, nil, 1), (#"{"A":1,"a":2,"A":3}"#, 2, 3),
            (#"{"\u0061":1,"b":2}"#, 1, 1), (#"{"\u0041":1}"#, nil, 1), (#"{"a":1,"a":null}"#, nil, 1),
            (#"{"aa":1,"":2,"b":{"a":3}}"#, nil, nil), (#"{"a\u0000":1}"#, nil, nil), ("[1]", nil, nil),
            ("{}", nil, nil),
        ] as [(String, Int64?, Int64?)]
    )
    func lookup(text: String, exact: Int64?, folded: Int64?) throws {
        let json = try JSONText(parsing: text.utf8)
        #expect(json["a"]?.integer == exact)
        #expect(json.member(folded: "a", skipsNull: true)?.integer == folded)
    }

    @Test("fold keys as in Go, where the Kelvin sign is a k")
    func kelvin() throws {
        let json = try JSONText(parsing: "{\"\u{212A}\":1}".utf8)
        #expect(json.member(folded: "k", skipsNull: true)?.integer == 1)
        #expect(json["k"] == nil)
    }

    private static let kinds: [(text: String, hasMembers: Bool, isArray: Bool, isString: Bool)] = [
        ("{}", false, false, false), (#"{"a":1}"#, true, false, false), ("[1]", false, true, false),
        (#""a""#, false, false, true), ("null", false, false, false),
    ]

    @Test("report their kind", arguments: kinds)
    func kindsOfValue(text: String, hasMembers: Bool, isArray: Bool, isString: Bool) throws {
        let json = try JSONText(parsing: text.utf8)
        #expect(json.hasMembers == hasMembers && json.isArray == isArray && json.isString == isString)
    }

    @Test(
        "are compacted with strings and numbers as written, and HTML escaped on request",
        arguments: [
            (#"{ "a" : [ 1.50 , 1e3 ] }"#, #"{"a":[1.50,1e3]}"#, #"{"a":[1.50,1e3]}"#),
            (#"" <&> \" \\" "#, #"" <&> \" \\""#, #"" \u003c\u0026\u003e \" \\""#),
            (#"["\u003c\/\u00e9\t", "é"]"#, #"["\u003c\/\u00e9\t","é"]"#, #"["\u003c\/\u00e9\t","é"]"#),
            ("\"\u{2028}\u{2029}\u{2027}\"", "\"\u{2028}\u{2029}\u{2027}\"", "\"\\u2028\\u2029\u{2027}\""),
            (#"{"<":1}"#, #"{"<":1}"#, #"{"\u003c":1}"#),
            ("[\n\t1 ]", "[1]", "[1]"),
        ]
    )
    func compaction(text: String, plain: String, escaped: String) throws {
        let json = try JSONText(parsing: text.utf8)
        #expect(String(decoding: json.compacted(escapingHTML: false), as: UTF8.self) == plain)
        #expect(String(decoding: json.compacted(escapingHTML: true), as: UTF8.self) == escaped)
    }

    @Test("are compacted without touching invalid UTF-8, even when cut off after 0xE2")
    func invalidUTF8() throws {
        for content in [[0xFF], [0xE2], [0xE2, 0x80], [0xE2, 0x80, 0x3C]] as [[UInt8]] {
            let json = try JSONText(parsing: [0x22] + content + [0x22])
            #expect(json.compacted(escapingHTML: false) == [0x22] + content + [0x22])
        }
        let json = try JSONText(parsing: [0x22, 0xE2, 0x80, 0x3C, 0x22])
        #expect(json.compacted(escapingHTML: true) == [0x22, 0xE2, 0x80] + Array("\\u003c\"".utf8))
    }
}
