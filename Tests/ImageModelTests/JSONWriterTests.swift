import ImageModel
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    @Test(
        "adds separators and line breaks according to its style",
        arguments: [
            ("compact", #"{"a":[1,[],{}],"b":{"c":null}}"#),
            ("python", #"{"a": [1, [], {}], "b": {"c": null}}"#),
            (
                "goIndented",
                "{\n   \"a\": [\n      1,\n      [],\n      {}\n   ],\n   \"b\": {\n      \"c\": null\n   }\n}"
            ),
        ]
    )
    func styles(name: String, expected: String) throws {
        let styles: [String: JSONStyle] = ["compact": .compact, "python": .python, "goIndented": .goIndented]
        var writer = JSONWriter(try #require(styles[name]))
        try JSONValue(parsing: #"{"a":[1,[],{}],"b":{"c":null}}"#.utf8).write(to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }
}
