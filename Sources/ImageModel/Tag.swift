/// A name that a repository gives to a manifest.
///
/// Grammar: OCI Distribution Specification 1.1, "Pulling manifests": `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
package struct Tag: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text of the tag.
    package let description: String

    /// Parses untrusted text from the network.
    package init(parsing text: some StringProtocol) throws(MalformedTag) {
        guard let first = text.utf8.first, first.isWordCharacter, text.utf8.count <= 128,
            text.utf8.allSatisfy({ $0.isWordCharacter || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else { throw MalformedTag(text: String(text)) }
        self.description = String(text)
    }

    package static func < (left: Tag, right: Tag) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// The error for text that is not a tag.
package struct MalformedTag: Error, Equatable, CustomStringConvertible {
    /// The rejected text.
    package let text: String

    package var description: String { "'\(text)' is not a tag" }
}

extension UInt8 {
    fileprivate var isWordCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
