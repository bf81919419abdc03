import ImageModel
import Testing

@Suite("JSON syntax")
struct JSONSyntaxTests {
    @Test(
        "accepts what RFC 8259 accepts",
        arguments: [
            "null", "true", "false", "0", "-0", "12", "-1.5", "1e3", "1E+3", "0.1e-10",
            "123456789012345678901234567890",
            "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "\"\\ud800\"", "\"\u{7F}\"", "[]", "[ ]", "{}",
            "{ }",
            "[1,2,[3,{}]]", "{\"a\":1,\"a\":2}", " \t\r\n1 \t\r\n", "{ \"a\" : [ 1 , null ] }", "{\"\":0}",
        ]
    )
    func accepts(text: String) throws {
        let json = try JSONText(parsing: text.utf8)
        #expect(String(decoding: json.bytes, as: UTF8.self) == text.trimmed)
        _ = try JSONValue(parsing: text.utf8)
    }

    @Test(
        "refuses what RFC 8259 refuses",
        arguments: [
            "", " ", "nul", "nulll", "True", "NaN", "Infinity", "+1", "01", "-", "-a", "1.", ".5", "1e", "1e+", "0x1",
            "1 2",
            "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\t\"", "\"\n\"", "\"\0\"", "'a'", "[", "]",
            "[1",
            "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
            "{\"a\" 1}", "{a:1}", "{1:1}", "{,}", "{\"a\":1]", "{\"a\":}", "[]]", "{}{}", "1,", "//", "/**/1",
            "\u{FEFF}1",
            "\u{A0}1", "1\0",
        ]
    )
    func refuses(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONText(parsing: text.utf8) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test(
        "reports the error and its position",
        arguments: [
            ("{\"a\":}", JSONSyntaxError.Reason.unexpectedByte, 5), ("[1", .unexpectedEnd, 2),
            ("\"a\tb\"", .controlCharacter, 2),
            ("\"\\q\"", .badEscape, 2), ("[-x]", .badNumber, 2), ("tru", .unexpectedEnd, 3),
        ]
    )
    func reasons(text: String, reason: JSONSyntaxError.Reason, offset: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONText(parsing: text.utf8) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("accepts nesting up to its limit and refuses more, without exhausting the stack")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONText(parsing: nested(JSONText.depthLimit).utf8)
        _ = try JSONValue(parsing: nested(JSONValue.depthLimit).utf8)
        #expect(throws: JSONSyntaxError.self) { try JSONText(parsing: nested(JSONText.depthLimit + 1).utf8) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(JSONValue.depthLimit + 1).utf8) }
        let error = #expect(throws: JSONSyntaxError.self) { try JSONText(parsing: nested(2_000_000).utf8) }
        #expect(error?.reason == .tooDeep)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
