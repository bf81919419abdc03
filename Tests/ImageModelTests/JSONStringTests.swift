import ImageModel
import Testing

@Suite("JSON strings")
struct JSONStringTests {
    @Test(
        "are unquoted as in Go: what is not text becomes U+FFFD, once for each byte or lone surrogate",
        arguments: [
            (Array("\\u0041\\/\\\\\\\"\\b\\f\\n\\r\\t".utf8), "A/\\\"\u{8}\u{C}\n\r\t"),
            (Array("\\ud83d\\ude00".utf8), "😀"),
            (Array("\\uD83D\\uDE00".utf8), "😀"),
            (Array("\\ud800".utf8), "\u{FFFD}"),
            (Array("\\udc00\\ud800".utf8), "\u{FFFD}\u{FFFD}"),
            (Array("\\ud800\\u0041".utf8), "\u{FFFD}A"),
            (Array("\\ud800\\ud83d\\ude00".utf8), "\u{FFFD}😀"),
            (Array("\\ud800x".utf8), "\u{FFFD}x"),
            ([0xFF], "\u{FFFD}"),
            ([0x61, 0xE2, 0x80, 0x62], "a\u{FFFD}\u{FFFD}b"),
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF0, 0x9F, 0x98], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF0, 0x9F, 0x98, 0x80, 0xC3, 0xA9], "😀é"),
        ] as [([UInt8], String)]
    )
    func unquoting(content: [UInt8], text: String) throws {
        let json = try JSONText(parsing: [0x22] + content + [0x22])
        #expect(json.string.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(
        "are written in each program's style",
        arguments: [
            ("plain", "\"plain\"", "\"plain\"", "\"plain\""),
            ("a\"b\\c/", #""a\"b\\c/""#, #""a\"b\\c/""#, #""a\"b\\c/""#),
            ("\n\r\t", #""\n\r\t""#, #""\n\r\t""#, #""\n\r\t""#),
            ("\u{8}\u{C}\u{1}", #""\b\f\u0001""#, #""\u0008\u000c\u0001""#, #""\b\f\u0001""#),
            ("<&>", "\"<&>\"", #""\u003c\u0026\u003e""#, "\"<&>\""),
            ("\u{2028}\u{2029}", "\"\u{2028}\u{2029}\"", #""\u2028\u2029""#, #""\u2028\u2029""#),
            ("é", "\"é\"", "\"é\"", #""\u00e9""#),
            ("😀", "\"😀\"", "\"😀\"", #""\ud83d\ude00""#),
            ("\u{7F}", "\"\u{7F}\"", "\"\u{7F}\"", #""\u007f""#),
        ]
    )
    func quoting(text: String, compact: String, go: String, python: String) {
        let value = JSONValue.string(text)
        #expect(String(decoding: value.compactEncoded(), as: UTF8.self) == compact)
        #expect(String(decoding: value.goEncoded(), as: UTF8.self) == go)
        #expect(String(decoding: value.pythonEncoded(), as: UTF8.self) == python)
    }
}
