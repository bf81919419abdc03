extension JSONValue {
    /// The value without white space, in UTF-8, with members in their order.
    package func compactEncoded() -> [UInt8] { encoded(.compact) }

    /// The value with the escaping and separators of Go's `json.Marshal`, with members in their order.
    package func goEncoded() -> [UInt8] { encoded(.go) }

    /// The value as written by Python's `json.dumps(value, sort_keys=True)`.
    ///
    /// The last of duplicate keys wins, and numbers with a fraction or exponent are formatted like Python floats.
    package func pythonEncoded() -> [UInt8] { asPythonHoldsIt.encoded(.python) }

    private func encoded(_ style: JSONStyle) -> [UInt8] {
        var writer = JSONWriter(style)
        write(to: &writer)
        return writer.bytes
    }

    /// Writes the value in the writer's style, with members in their order.
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .boolean(let boolean): writer.boolean(boolean)
        case .number(let number): writer.raw(number.utf8)
        case .string(let string): writer.string(string)
        case .array(let elements):
            writer.array { writer in
                for element in elements { element.write(to: &writer) }
            }
        case .object(let members):
            writer.object { writer in
                for member in members {
                    writer.key(member.key)
                    member.value.write(to: &writer)
                }
            }
        }
    }

    /// The value as Python would read it, with sorted keys.
    private var asPythonHoldsIt: JSONValue {
        switch self {
        case .null, .boolean, .string: return self
        case .number(let text): return .number(Self.pythonNumber(text))
        case .array(let elements): return .array(elements.map(\.asPythonHoldsIt))
        case .object(let members):
            let last = Dictionary(members.map { (Array($0.key.utf8), $0) }, uniquingKeysWith: { $1 })
            let sorted = last.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            return .object(sorted.map { JSONMember(key: $0.value.key, value: $0.value.value.asPythonHoldsIt) })
        }
    }

    private static func pythonNumber(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }) else {
            return text == "-0" ? "0" : text
        }
        guard let number = Double(text) else { return text }
        guard number.isFinite else { return number < 0 ? "-Infinity" : "Infinity" }
        return number.description
    }
}
