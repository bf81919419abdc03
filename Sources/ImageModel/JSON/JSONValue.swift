/// A JSON value that preserves the order of members and the notation of numbers.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// A number as written.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// The members in written order, including duplicates.
    case object([JSONMember])

    /// The maximum nesting depth of objects and arrays, equal to Python's. No document of a registry reaches ten
    /// levels.
    package static let depthLimit = 1_000

    /// Parses an untrusted document.
    ///
    /// - Throws: ``JSONSyntaxError`` unless `bytes` are a single JSON value surrounded only by white space.
    package init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
        let document = try JSONDocument(parsing: Array(bytes), depthLimit: Self.depthLimit)
        self.init(JSONText(document, index: 0))
    }

    /// Converts a text, including all nested values.
    ///
    /// - Precondition: `text` is not nested deeper than ``depthLimit``.
    package init(_ text: JSONText) {
        if let string = text.string {
            self = .string(string)
        } else if let members = text.members {
            self = .object(members.map { JSONMember(key: $0.key, value: JSONValue($0.value)) })
        } else if let elements = text.elements {
            self = .array(elements.map(JSONValue.init))
        } else if let number = text.number {
            self = .number(number)
        } else if let boolean = text.boolean {
            self = .boolean(boolean)
        } else {
            self = .null
        }
    }

    /// The value of the last member whose key has exactly these bytes; nil if there is none, or this is not an object.
    package subscript(key: String) -> JSONValue? {
        object?.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The text of a string; nil for other values.
    package var string: String? { if case .string(let string) = self { string } else { nil } }

    /// The value of `true` or `false`; nil for other values.
    package var boolean: Bool? { if case .boolean(let boolean) = self { boolean } else { nil } }

    /// The value of a number without fraction and exponent, if it fits; nil for other values.
    package var integer: Int64? { if case .number(let number) = self { Int64(number) } else { nil } }

    /// The elements of an array; nil for other values.
    package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members of an object; nil for other values.
    package var object: [JSONMember]? { if case .object(let members) = self { members } else { nil } }

    /// An integer as a JSON number.
    package static func integer(_ integer: Int64) -> JSONValue { .number(String(integer)) }
}

/// A key of an object and its value.
package struct JSONMember: Sendable, Equatable {
    /// The key, unquoted.
    package let key: String
    /// The value.
    package let value: JSONValue

    /// Creates a member of an object.
    package init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }
}
