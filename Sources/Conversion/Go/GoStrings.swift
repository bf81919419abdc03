import ImageModel

/// A Go `[]string` as `encoding/json` fills it.
///
/// A second list of the same key is read over the first one, whose strings show through where the second has `null`.
struct GoStrings: Sendable {
    /// The strings; nil for a slice that is nil.
    private(set) var elements: [String]?
    /// What the slice's memory holds, also behind its end.
    private var memory: [String] = []

    /// Reads a list of strings and nulls, or null.
    mutating func assign(_ value: JSONText, at path: String) throws(GoTypeMismatch) {
        guard !value.isNull else { return self = GoStrings() }
        guard let texts = value.elements else {
            throw GoTypeMismatch(at: path, expected: "a list of strings", found: value)
        }
        if texts.isEmpty { memory = [] }
        for (index, text) in texts.enumerated() {
            if index == memory.count { memory.append("") }
            guard !text.isNull else { continue }
            guard let string = text.string else {
                throw GoTypeMismatch(at: "\(path)[\(index)]", expected: "a string", found: text)
            }
            memory[index] = string
        }
        elements = Array(memory.prefix(texts.count))
    }

    /// Reads what Docker's `StrSlice` takes: also a single string, which makes a list of one; nothing shows through.
    mutating func assignWords(_ value: JSONText, at path: String) throws(GoTypeMismatch) {
        self = GoStrings()
        if let string = value.string {
            elements = [string]
        } else {
            try assign(value, at: path)
        }
    }
}
