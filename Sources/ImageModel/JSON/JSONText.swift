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

    let document: JSONDocument
    let index: Int

    /// Checks a whole document, which is not trusted.
    ///
    /// - Parameter depthLimit: How deeply objects and arrays may nest.
    /// - Throws: ``JSONSyntaxError`` unless `bytes` are one JSON value with nothing but white space around it.
    package init(
        parsing bytes: some Collection<UInt8>,
        depthLimit: Int = JSONText.depthLimit
    ) throws(JSONSyntaxError) {
        self.init(try JSONDocument(parsing: Array(bytes), depthLimit: depthLimit), index: 0)
    }

    init(_ document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    var token: JSONToken { document.tokens[index] }

    /// The value's own bytes, without white space around it.
    package var bytes: ArraySlice<UInt8> { document.bytes[token.start..<token.end] }

    /// A document that is `null`.
    static let null = JSONText(JSONDocument.null, index: 0)

    /// Whether this is `null`.
    package var isNull: Bool { token.kind == .null }

    /// Whether this is a string.
    package var isString: Bool { token.kind == .string }

    /// Whether this is an object.
    package var isObject: Bool { token.kind == .object }

    /// Whether this is an object that is not empty.
    package var hasMembers: Bool { isObject && token.next > index + 1 }

    /// Whether this is an array.
    package var isArray: Bool { token.kind == .array }

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
        forEachMember { members.append($0) }
        return members
    }

    /// The elements of an array; nil of every other value.
    package var elements: [JSONText]? {
        guard token.kind == .array else { return nil }
        var elements: [JSONText] = []
        forEachElement { elements.append($0) }
        return elements
    }
}
