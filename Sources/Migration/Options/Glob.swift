/// A pattern for names: `*` matches any characters, `?` matches one, every other character matches itself.
package struct Glob: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as written.
    package let description: String
    private let pattern: [Character]

    /// Any text is a valid pattern.
    package init(_ pattern: String) {
        self.description = pattern
        self.pattern = Array(pattern)
    }

    /// The repository part of a pattern for `repository:tag`, or the whole of one for repositories.
    package var repositories: Glob { Glob(description.split(separator: ":").first.map(String.init) ?? "") }

    /// Whether the pattern matches the whole of `text`.
    package func matches(_ text: String) -> Bool {
        let text = Array(text)
        var position = 0
        var index = 0
        /// Where to resume when the text after the last `*` does not match: one character later.
        var retry: (position: Int, index: Int)?
        while position < text.count {
            if index < pattern.count, pattern[index] == "*" {
                retry = (position, index)
                index += 1
            } else if index < pattern.count, pattern[index] == "?" || pattern[index] == text[position] {
                position += 1
                index += 1
            } else if let last = retry {
                retry = (last.position + 1, last.index)
                position = last.position + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == "*" }
    }
}
