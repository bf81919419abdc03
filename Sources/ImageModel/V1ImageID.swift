/// The id of a v1 image: 16 or 64 lowercase hexadecimal digits.
///
/// Observed: docker-registry 0.9.1 rejects anything else with 404 `Invalid image ID`.
package struct V1ImageID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The hexadecimal digits.
    package let description: String

    /// Parses untrusted text from the network or a file.
    package init(parsing text: some StringProtocol) throws(MalformedV1ImageID) {
        let length = text.utf8.count
        guard length == 64 || length == 16, text.utf8.allSatisfy(\.isLowercaseHexDigit) else {
            throw MalformedV1ImageID(text: String(text))
        }
        self.description = String(text)
    }

    /// The id with the digits of a SHA-256 hash.
    package init(_ hash: Digest) {
        precondition(hash.algorithm == .sha256)
        self.description = hash.hex
    }

    package static func < (left: V1ImageID, right: V1ImageID) -> Bool { left.description < right.description }
}

/// The error for text that is not a v1 image id.
package struct MalformedV1ImageID: Error, Equatable, CustomStringConvertible {
    /// The rejected text.
    package let text: String

    package var description: String { "'\(text)' is not an image id" }
}
