/// The name of a repository in the v2 protocol: lowercase path components joined by slashes.
///
/// Grammar: OCI Distribution Specification 1.1, "Pulling manifests":
/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`, 255 characters at most.
package struct RepositoryName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The whole name.
    package let description: String

    /// The maximum length of a name.
    package static let maximumLength = 255

    /// Parses untrusted text from the network.
    package init(parsing text: some StringProtocol) throws(MalformedRepositoryName) {
        let components = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maximumLength, components.allSatisfy({ Self.isComponent(Array($0)) }) else {
            throw MalformedRepositoryName(text: String(text))
        }
        self.description = String(text)
    }

    /// The components between the slashes.
    package var components: [Substring] { description.split(separator: "/") }

    package static func < (left: RepositoryName, right: RepositoryName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    private static func isComponent(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, let last = bytes.last, first.isAlphanumeric, last.isAlphanumeric else {
            return false
        }
        return bytes.split(whereSeparator: \.isAlphanumeric).allSatisfy { separator in
            switch Array(separator) {
            case [UInt8(ascii: ".")], [UInt8(ascii: "_")], [UInt8(ascii: "_"), UInt8(ascii: "_")]: true
            default: separator.allSatisfy { $0 == UInt8(ascii: "-") }
            }
        }
    }
}

/// The error for text that is not a repository name.
package struct MalformedRepositoryName: Error, Equatable, CustomStringConvertible {
    /// The rejected text.
    package let text: String

    package var description: String { "'\(text)' is not a repository name" }
}

extension UInt8 {
    fileprivate var isAlphanumeric: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
    }
}
