/// A pattern for names: `*` matches any characters including slashes, `?` matches one.
package struct NamePattern: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    private let bytes: [UInt8]

    /// Creates a pattern from its text. Every text is a valid pattern.
    package init(_ text: String) {
        description = text
        bytes = Array(text.utf8)
    }

    /// Whether the pattern matches the whole of `name`. On a mismatch, the last star takes one more byte.
    package func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var position = 0
        var next = 0
        var star: (next: Int, position: Int)?
        while position < name.count {
            if next < bytes.count, bytes[next] == UInt8(ascii: "*") {
                next += 1
                star = (next, position)
            } else if next < bytes.count, bytes[next] == UInt8(ascii: "?") || bytes[next] == name[position] {
                next += 1
                position += 1
            } else if let last = star {
                next = last.next
                position = last.position + 1
                star = (last.next, position)
            } else {
                return false
            }
        }
        return bytes[next...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

/// A pattern for repository names.
///
/// `library/X` in v1 and `X` in v2 are the same repository, and rules do not distinguish the spellings: a pattern
/// matches if it matches either.
package struct RepositoryPattern: Sendable, Hashable, CustomStringConvertible {
    private let pattern: NamePattern

    private static let libraryPrefix = "library/"

    package var description: String { pattern.description }

    /// Creates a pattern from its text. Every text is a valid pattern.
    package init(_ text: String) { pattern = NamePattern(text) }

    /// Whether the pattern matches a repository's name in either spelling.
    package func matches(_ name: String) -> Bool {
        if pattern.matches(name) { return true }
        if name.hasPrefix(Self.libraryPrefix) {
            let short = name.dropFirst(Self.libraryPrefix.count)
            return !short.contains("/") && pattern.matches(String(short))
        }
        return !name.contains("/") && pattern.matches(Self.libraryPrefix + name)
    }

    /// Why no name can match the pattern, as the end of a sentence; nil when one can.
    package var obstacle: String? {
        if description.isEmpty { return "is empty" }
        if description.hasPrefix("/") || description.hasSuffix("/") { return "begins or ends with a slash" }
        if description.contains("//") { return "has two slashes in a row" }
        if description.contains(":") { return "has a colon: rules apply to repositories, not to tags or hosts" }
        return description.contains { $0.isWhitespace || $0 == "@" } ? "has characters that names cannot contain" : nil
    }
}
