package import ImageModel

/// A Go struct: an ordered list of named fields with values.
struct GoRecord: Sendable {
    /// A field of a struct.
    struct Field: Sendable {
        /// The name in JSON.
        let name: String
        /// Whether the field is omitted when empty.
        let omitsEmpty: Bool
        /// The value of the field.
        var value: GoValue

        /// A field that is always written.
        static func always(_ name: String, _ value: GoValue) -> Field {
            Field(name: name, omitsEmpty: false, value: value)
        }

        /// A field that is omitted when empty.
        static func unlessEmpty(_ name: String, _ value: GoValue) -> Field {
            Field(name: name, omitsEmpty: true, value: value)
        }
    }

    private var fields: [Field]

    /// Creates a struct with these fields and initial values.
    init(_ fields: Field...) {
        self.fields = fields
    }

    /// The value of the field with this name, if it exists.
    subscript(name: String) -> GoValue? { fields.first { $0.name == name }?.value }

    /// The value of a string field; empty if there is none.
    func string(_ name: String) -> String {
        if case .string(let string)? = self[name] { string } else { "" }
    }

    /// The value of a Boolean field; false if there is none.
    func boolean(_ name: String) -> Bool {
        if case .boolean(let boolean)? = self[name] { boolean } else { false }
    }

    /// Reads the members of an object into the fields, dropping members without a field.
    ///
    /// - Parameter path: The path of the object; empty for the document itself.
    mutating func assign(_ json: JSONText, at path: String = "") throws(GoTypeMismatch) {
        guard let members = json.members else { throw GoTypeMismatch(at: path, expected: "an object", found: json) }
        for member in members {
            guard let index = index(of: GoKey(member.key)) else { continue }
            let name = path.isEmpty ? fields[index].name : "\(path).\(fields[index].name)"
            try fields[index].value.assign(member.value, at: name)
        }
    }

    /// The fields to be written, in order, each with its JSON.
    var encodedMembers: [(key: String, json: [UInt8])] {
        fields.filter { !($0.omitsEmpty && $0.value.isEmpty) }.map { field in
            var writer = JSONWriter(.go)
            field.value.write(to: &writer)
            return (field.name, writer.bytes)
        }
    }

    /// Writes the struct like `json.Marshal` does.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for member in encodedMembers {
                writer.key(member.key)
                writer.raw(member.json)
            }
        }
    }

    private func index(of key: GoKey) -> Int? {
        fields.firstIndex { GoKey($0.name) == key } ?? fields.firstIndex { key.folds(to: $0.name) }
    }
}

/// The error for a JSON value that a Docker engine cannot read into its typed record, so that it rejects the image.
package struct GoTypeMismatch: Error, Equatable, CustomStringConvertible {
    /// The path of the field: `config.Env[1]`.
    package let path: String
    /// The expected kind of value: `a string`.
    package let expected: String
    /// A description of the actual value.
    package let found: String

    package var description: String { "\(path) must be \(expected), not \(found)" }

    init(at path: String, expected: String, found value: JSONText) {
        self.path = path
        self.expected = expected
        self.found = value.kindDescription
    }
}

extension JSONValue {
    /// The value that Go's `encoding/json` reads into a field of this name: the last member whose key matches
    /// regardless of case. Nil if there is none, or this is not an object.
    package func goField(_ name: String) -> JSONValue? { object?.last { GoKey($0.key).folds(to: name) }?.value }
}
