/// A JSON value, which remembers the order of its members and how its numbers were written.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// A number as it is written.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// The members in the order they are written, duplicates included.
    case object([JSONMember])

    /// How deeply objects and arrays may nest, which is what Python bore; nothing in a registry nests ten levels.
    package static let depthLimit = 1_000

    /// Parses a whole document, which is not trusted.
    ///
    /// - Throws: ``JSONSyntaxError`` unless `bytes` are one JSON value with nothing but white space around it.
    package init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
        let document = try JSONDocument(parsing: Array(bytes), depthLimit: Self.depthLimit)
        self.init(JSONText(document, index: 0))
    }

    /// The value that a text is, with all that it holds.
    ///
    /// - Precondition: `text` does not nest deeper than ``depthLimit``.
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

    /// The value of the last member whose key has exactly these bytes; nil if there is none, or this is no object.
    package subscript(key: String) -> JSONValue? {
        object?.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The text of a string; nil of every other value.
    package var string: String? { if case .string(let string) = self { string } else { nil } }

    /// The value of `true` or `false`; nil of every other value.
    package var boolean: Bool? { if case .boolean(let boolean) = self { boolean } else { nil } }

    /// The value of a number that is written without fraction and exponent and fits; nil of every other value.
    package var integer: Int64? { if case .number(let number) = self { Int64(number) } else { nil } }

    /// The elements of an array; nil of every other value.
    package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members of an object; nil of every other value.
    package var object: [JSONMember]? { if case .object(let members) = self { members } else { nil } }

    /// The value of an integer, as JSON has it.
    package static func integer(_ integer: Int64) -> JSONValue { .number(String(integer)) }
}

/// A key of an object and its value.
package struct JSONMember: Sendable, Equatable {
    /// The key, unquoted.
    package let key: String
    /// The value.
    package let value: JSONValue

    /// Makes a member of an object.
    package init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }
}
