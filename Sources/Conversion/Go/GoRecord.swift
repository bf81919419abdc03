package import ImageModel

/// A Go struct: named fields in their order, each with its value.
struct GoRecord: Sendable {
    /// A field of a struct.
    struct Field: Sendable {
        /// The name in JSON.
        let name: String
        /// Whether the field is left out when it is empty.
        let omitsEmpty: Bool
        /// What it holds.
        var value: GoValue

        /// A field that is always written.
        static func always(_ name: String, _ value: GoValue) -> Field {
            Field(name: name, omitsEmpty: false, value: value)
        }

        /// A field that is left out when it is empty.
        static func unlessEmpty(_ name: String, _ value: GoValue) -> Field {
            Field(name: name, omitsEmpty: true, value: value)
        }
    }

    private var fields: [Field]

    /// Makes a struct of these fields, with the values they have before JSON is read.
    init(_ fields: Field...) {
        self.fields = fields
    }

    /// The value of the field of this name, if the struct has it.
    subscript(name: String) -> GoValue? { fields.first { $0.name == name }?.value }

    /// The text of a field that is a string; empty if the struct has none of this name.
    func string(_ name: String) -> String {
        if case .string(let string)? = self[name] { string } else { "" }
    }

    /// The value of a field that is a boolean; false if the struct has none of this name.
    func boolean(_ name: String) -> Bool {
        if case .boolean(let boolean)? = self[name] { boolean } else { false }
    }

    /// Reads the members of an object into the fields; those without a field are dropped.
    ///
    /// - Parameter path: where the object stands; empty for the document itself.
    mutating func assign(_ json: JSONText, at path: String = "") throws(GoTypeMismatch) {
        guard let members = json.members else { throw GoTypeMismatch(at: path, expected: "an object", found: json) }
        for member in members {
            guard let index = index(of: GoKey(member.key)) else { continue }
            let name = path.isEmpty ? fields[index].name : "\(path).\(fields[index].name)"
            try fields[index].value.assign(member.value, at: name)
        }
    }

    /// The fields that are written, in their order, each with its JSON.
    var encodedMembers: [(key: String, json: [UInt8])] {
        fields.filter { !($0.omitsEmpty && $0.value.isEmpty) }.map { field in
            var writer = JSONWriter(.go)
            field.value.write(to: &writer)
            return (field.name, writer.bytes)
        }
    }

    /// Writes the struct as `json.Marshal` does.
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

/// A value of an image's JSON that a Docker engine cannot read into its typed record, so that it refuses the image.
package struct GoTypeMismatch: Error, Equatable, CustomStringConvertible {
    /// The field, from the top of the document: `config.Env[1]`.
    package let path: String
    /// What must stand there, in words: `a string`.
    package let expected: String
    /// What stands there instead, in words.
    package let found: String

    package var description: String { "\(path) must be \(expected), not \(found)" }

    init(at path: String, expected: String, found value: JSONText) {
        self.path = path
        self.expected = expected
        self.found = value.kindDescription
    }
}

extension JSONValue {
    /// The value that Go's `encoding/json` reads into a field of this name: of the members whose keys match it in any
    /// case, the last; nil if there is none, or this is no object.
    package func goField(_ name: String) -> JSONValue? { object?.last { GoKey($0.key).folds(to: name) }?.value }
}
