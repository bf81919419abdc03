import ImageModel

/// A Go `[]string` as filled by `encoding/json`.
///
/// If a key is repeated, the second list overwrites the first, whose strings show through where the second has `null`.
struct GoStrings: Sendable {
    /// The strings; nil for a nil slice.
    private(set) var elements: [String]?
    /// The slice's backing array, including elements beyond its end.
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

    /// Reads what Docker's `StrSlice` accepts: also a single string, as a list of one. Old values do not show through.
    mutating func assignWords(_ value: JSONText, at path: String) throws(GoTypeMismatch) {
        self = GoStrings()
        if let string = value.string {
            elements = [string]
        } else {
            try assign(value, at: path)
        }
    }
}
