import ImageModel

extension FuzzTarget {
    /// JSON, parsed and written in each style.
    static let json = FuzzTarget("json") { input in
        guard let text = try? JSONText(parsing: input) else {
            try require((try? JSONValue(parsing: input)) == nil, "both readers refuse the same")
            return
        }
        for isEscaping in [false, true] {
            let compact = text.compacted(escapingHTML: isEscaping)
            let again = try JSONText(parsing: compact)
            try require(again.compacted(escapingHTML: isEscaping) == compact, "what is compact stays as it is")
        }
        guard let value = try? JSONValue(parsing: input) else { return }
        try require(try JSONValue(parsing: value.compactEncoded()) == value, "compact JSON says the same")
        try require(try JSONValue(parsing: value.goEncoded()) == value, "Go's JSON says the same")
        let python = value.pythonEncoded()
        if !python.contains(UInt8(ascii: "I")) {
            try require(try JSONValue(parsing: python).pythonEncoded() == python, "Python's JSON stays as it is")
        }
        for member in text.members ?? [] {
            try require(text[member.key] != nil, "a member is found by its key")
        }
    }
}
