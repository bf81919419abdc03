import ImageModel
import Testing

@Suite("JSON texts")
struct JSONTextTests {
    @Test("give each member's own bytes")
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
        "are compacted with strings and numbers as written, with HTML escaped where that is asked for",
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

    @Test("are compacted without touching invalid UTF-8, even cut off behind 0xE2")
    func invalidUTF8() throws {
        for content in [[0xFF], [0xE2], [0xE2, 0x80], [0xE2, 0x80, 0x3C]] as [[UInt8]] {
            let json = try JSONText(parsing: [0x22] + content + [0x22])
            #expect(json.compacted(escapingHTML: false) == [0x22] + content + [0x22])
        }
        let json = try JSONText(parsing: [0x22, 0xE2, 0x80, 0x3C, 0x22])
        #expect(json.compacted(escapingHTML: true) == [0x22, 0xE2, 0x80] + Array("\\u003c\"".utf8))
    }
}
