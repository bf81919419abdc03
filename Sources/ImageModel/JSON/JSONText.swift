/// A JSON value that keeps the bytes it was written with.
///
/// What Go's `json.RawMessage` is to a Docker engine: what is not understood is carried verbatim.
package struct JSONText: Sendable {
    /// A key of an object and its value.
    package struct Member: Sendable {
        /// The key, unquoted.
        package let key: String
        /// The value, as written.
        package let value: JSONText
    }

    /// How deeply objects and arrays may nest, as in Go since 1.15.
    package static let depthLimit = 10_000

    private let document: JSONDocument
    private let index: Int

    /// Checks a whole document, which is not trusted.
    ///
    /// - Throws: ``JSONSyntaxError`` unless `bytes` are one JSON value with nothing but white space around it.
    package init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
        self.init(try JSONDocument(parsing: Array(bytes), depthLimit: Self.depthLimit), index: 0)
    }

    init(_ document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    private var token: JSONToken { document.tokens[index] }

    /// The value's own bytes, without white space around it.
    package var bytes: ArraySlice<UInt8> { document.bytes[token.start..<token.end] }

    /// Whether this is `null`.
    package var isNull: Bool { token.kind == .null }

    /// Whether this is an object.
    package var isObject: Bool { token.kind == .object }

    /// What kind of value this is, in words for people: `an object`.
    package var kindDescription: String {
        switch token.kind {
        case .object: "an object"
        case .array: "a list"
        case .key, .string: "a string"
        case .number: "the number \(quoted)"
        case .boolean, .null: quoted
        }
    }

    /// The start of the value as it is written, to be shown to people.
    package var quoted: String { String(decoding: bytes.prefix(80), as: UTF8.self) }

    /// The unquoted text of a string; nil of every other value.
    package var string: String? { token.kind == .string ? String(unquotingJSON: bytes.dropFirst().dropLast()) : nil }

    /// The value of `true` or `false`; nil of every other value.
    package var boolean: Bool? { token.kind == .boolean ? bytes.first == UInt8(ascii: "t") : nil }

    /// A number as it is written; nil of every other value.
    package var number: String? { token.kind == .number ? String(decoding: bytes, as: UTF8.self) : nil }

    /// The value of a number that is written without fraction and exponent and fits; nil of every other value.
    package var integer: Int64? { number.flatMap { Int64($0) } }

    /// The members of an object in the order they are written, duplicates included; nil of every other value.
    package var members: [Member]? {
        guard isObject else { return nil }
        var members: [Member] = []
        var position = index + 1
        while position < token.next {
            let key = document.tokens[position]
            members.append(
                Member(
                    key: String(unquotingJSON: document.bytes[key.start + 1..<key.end - 1]),
                    value: JSONText(document, index: position + 1)
                )
            )
            position = document.tokens[position + 1].next
        }
        return members
    }

    /// The elements of an array; nil of every other value.
    package var elements: [JSONText]? {
        guard token.kind == .array else { return nil }
        var elements: [JSONText] = []
        var position = index + 1
        while position < token.next {
            elements.append(JSONText(document, index: position))
            position = document.tokens[position].next
        }
        return elements
    }

    /// The value of the last member whose key has exactly these bytes; nil if there is none, or this is no object.
    package subscript(key: String) -> JSONText? {
        members?.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}
