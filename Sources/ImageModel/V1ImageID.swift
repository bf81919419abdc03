/// The id of a v1 image: 16 or 64 lowercase hexadecimal digits.
///
/// Observed: docker-registry 0.9.1 answers 404 `Invalid image ID` to every other.
package struct V1ImageID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The hexadecimal digits.
    package let description: String

    /// Parses `text`, which arrives from the network or from a file and is not trusted.
    package init(parsing text: some StringProtocol) throws(MalformedV1ImageID) {
        let length = text.utf8.count
        guard length == 64 || length == 16, text.utf8.allSatisfy(\.isLowercaseHexDigit) else {
            throw MalformedV1ImageID(text: String(text))
        }
        self.description = String(text)
    }

    /// The id that a hash makes: its digits without the algorithm's name. For SHA-256, which has the right number.
    package init(_ hash: Digest) {
        precondition(hash.algorithm == .sha256)
        self.description = hash.hex
    }

    package static func < (left: V1ImageID, right: V1ImageID) -> Bool { left.description < right.description }
}

/// A text that is not the v1 image id it should be.
package struct MalformedV1ImageID: Error, Equatable, CustomStringConvertible {
    /// What arrived.
    package let text: String

    package var description: String { "'\(text)' is not an image id" }
}
