/// A JSON value that keeps its original bytes.
///
/// It corresponds to Go's `json.RawMessage` in a Docker engine: unknown parts are preserved verbatim.
package struct JSONText: Sendable {
    /// A key of an object and its value.
    package struct Member: Sendable {
        /// The key, unquoted.
        package let key: String
        /// The value, as written.
        package let value: JSONText
    }

    /// The maximum nesting depth of objects and arrays, as in Go since 1.15.
    package static let depthLimit = 10_000

    let document: JSONDocument
    let index: Int

    /// Parses an untrusted document.
    ///
    /// - Parameter depthLimit: The maximum nesting depth of objects and arrays.
    /// - Throws: ``JSONSyntaxError`` unless `bytes` are a single JSON value surrounded only by white space.
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

    /// The value's own bytes, without surrounding white space.
    package var bytes: ArraySlice<UInt8> { document.bytes[token.start..<token.end] }

    /// The document `null`.
    static let null = JSONText(JSONDocument.null, index: 0)

    /// Whether this is `null`.
    package var isNull: Bool { token.kind == .null }

    /// Whether this is a string.
    package var isString: Bool { token.kind == .string }

    /// Whether this is an object.
    package var isObject: Bool { token.kind == .object }

    /// Whether this is a non-empty object.
    package var hasMembers: Bool { isObject && token.next > index + 1 }

    /// Whether this is an array.
    package var isArray: Bool { token.kind == .array }

    /// A readable description of the kind of value: `an object`.
    package var kindDescription: String {
        switch token.kind {
        case .object: "an object"
        case .array: "a list"
        case .key, .string: "a string"
        case .number: "the number \(quoted)"
        case .boolean, .null: quoted
        }
    }

    /// The start of the value as written, for error messages.
    package var quoted: String { String(decoding: bytes.prefix(80), as: UTF8.self) }

    /// The unquoted text of a string; nil for other values.
    package var string: String? { token.kind == .string ? String(unquotingJSON: bytes.dropFirst().dropLast()) : nil }

    /// The value of `true` or `false`; nil for other values.
    package var boolean: Bool? { token.kind == .boolean ? bytes.first == UInt8(ascii: "t") : nil }

    /// A number as written; nil for other values.
    package var number: String? { token.kind == .number ? String(decoding: bytes, as: UTF8.self) : nil }

    /// The value of a number without fraction and exponent, if it fits; nil for other values.
    package var integer: Int64? { number.flatMap { Int64($0) } }

    /// The members of an object in written order, including duplicates; nil for other values.
    package var members: [Member]? {
        guard isObject else { return nil }
        var members: [Member] = []
        forEachMember { members.append($0) }
        return members
    }

    /// The elements of an array; nil for other values.
    package var elements: [JSONText]? {
        guard token.kind == .array else { return nil }
        var elements: [JSONText] = []
        forEachElement { elements.append($0) }
        return elements
    }
}
