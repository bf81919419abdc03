/// A pattern for repository names: `*` matches any characters including slashes, `?` matches one.
///
/// `library/X` in v1 and `X` in v2 are the same repository, and rules do not distinguish the spellings: a pattern
/// matches if it matches either.
package struct RepositoryPattern: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    private let bytes: [UInt8]

    private static let libraryPrefix = "library/"

    /// Creates a pattern from its text. Every text is a valid pattern.
    package init(_ text: String) {
        description = text
        bytes = Array(text.utf8)
    }

    /// Whether the pattern matches a repository's name in either spelling.
    package func matches(_ name: String) -> Bool {
        if fits(name) { return true }
        if name.hasPrefix(Self.libraryPrefix) {
            let short = name.dropFirst(Self.libraryPrefix.count)
            return !short.contains("/") && fits(String(short))
        }
        return !name.contains("/") && fits(Self.libraryPrefix + name)
    }

    /// Matches from left to right; on a mismatch, the last star takes one more byte.
    private func fits(_ name: String) -> Bool {
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
