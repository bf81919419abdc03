import ImageModel
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test("keep the order of members, duplicates and the spelling of numbers")
    func order() throws {
        let text = #"{"b":1.50,"a":1e3,"b":[10000000000000000000001,true,null],"":{}}"#
        let value = try JSONValue(parsing: text.utf8)
        #expect(String(decoding: value.compactEncoded(), as: UTF8.self) == text)
        #expect(value.object?.map(\.key) == ["b", "a", "b", ""])
    }

    @Test("look keys up by their bytes, and return the last of several")
    func lookup() throws {
        let value = try JSONValue(parsing: #"{"a":1,"A":2,"a":3,"\u0065\u0301":4}"#.utf8)
        #expect(value["a"]?.integer == 3)
        #expect(value["A"]?.integer == 2)
        #expect(value["b"] == nil)
        #expect(value["e\u{301}"]?.integer == 4)
        #expect(value["\u{E9}"] == nil)
        #expect(JSONValue.string("x")["a"] == nil)
    }

    @Test("distinguish their kinds")
    func accessors() throws {
        let value = try JSONValue(parsing: #"["s",7,1.0,9223372036854775808,true,null,[],{}]"#.utf8)
        let elements = try #require(value.array)
        #expect(elements.map(\.string) == ["s", nil, nil, nil, nil, nil, nil, nil])
        #expect(elements.map(\.integer) == [nil, 7, nil, nil, nil, nil, nil, nil])
        #expect(elements.map(\.boolean) == [nil, nil, nil, nil, true, nil, nil, nil])
        #expect(elements[6].array == [])
        #expect(elements[7].object == [])
        #expect(elements[5] == .null)
    }

    @Test(
        "are written in Python's style: keys sorted, the last of duplicates, its floats",
        arguments: [
            (
                #"{"b":1,"a":[1,2,{}],"c":{"z":null,"y":true}}"#,
                #"{"a": [1, 2, {}], "b": 1, "c": {"y": true, "z": null}}"#
            ),
            (#"{"a":1,"a":2}"#, #"{"a": 2}"#),
            (#"{"é":1,"z":2,"Z":3,"😀":4,"":5}"#, #"{"": 5, "Z": 3, "z": 2, "\u00e9": 1, "\ud83d\ude00": 4}"#),
            (
                "[1.50,1e3,-0,-0.0,12345678901234567890,1e400,0.1]",
                "[1.5, 1000.0, 0, -0.0, 12345678901234567890, Infinity, 0.1]"
            ),
            ("[]", "[]"), ("{}", "{}"),
        ]
    )
    func python(text: String, expected: String) throws {
        #expect(String(decoding: try JSONValue(parsing: text.utf8).pythonEncoded(), as: UTF8.self) == expected)
    }
}
