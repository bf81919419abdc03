import ImageModel

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
