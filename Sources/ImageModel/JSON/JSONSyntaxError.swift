/// Why, and where, a text is not a JSON document.
package struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    /// What was wrong at the offset.
    package enum Reason: String, Sendable {
        case unexpectedEnd = "the document ends too early"
        case unexpectedByte = "unexpected byte"
        case controlCharacter = "control character in a string"
        case badEscape = "bad escape in a string"
        case badNumber = "bad number"
        case tooDeep = "nested too deeply"
        case tooLong = "longer than 4 GiB"
    }

    /// What was wrong.
    package let reason: Reason
    /// Where, in bytes from the start of the document.
    package let offset: Int

    package var description: String { "not JSON: \(reason.rawValue) at byte \(offset)" }
}
