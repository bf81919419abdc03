import ImageModel

extension FuzzTarget {
    /// JSON, parsed and written in each style.
    static let json = FuzzTarget("json") { input in
        guard let text = try? JSONText(parsing: input) else {
            try require((try? JSONValue(parsing: input)) == nil, "both readers refuse the same input")
            return
        }
        for isEscaping in [false, true] {
            let compact = text.compacted(escapingHTML: isEscaping)
            let again = try JSONText(parsing: compact)
            try require(again.compacted(escapingHTML: isEscaping) == compact, "compact JSON is unchanged")
        }
        guard let value = try? JSONValue(parsing: input) else { return }
        try require(try JSONValue(parsing: value.compactEncoded()) == value, "compact JSON has the same value")
        try require(try JSONValue(parsing: value.goEncoded()) == value, "Go's JSON has the same value")
        let python = value.pythonEncoded()
        if !python.contains(UInt8(ascii: "I")) {
            try require(try JSONValue(parsing: python).pythonEncoded() == python, "Python's JSON is unchanged")
        }
        for member in text.members ?? [] {
            try require(text[member.key] != nil, "a member is found by its key")
        }
    }
}
