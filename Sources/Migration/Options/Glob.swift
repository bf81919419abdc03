/// A pattern over names: `*` stands for any characters, `?` for one, all others for themselves.
package struct Glob: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as it was written.
    package let description: String
    private let pattern: [Character]

    /// Takes a pattern. Every text is one.
    package init(_ pattern: String) {
        self.description = pattern
        self.pattern = Array(pattern)
    }

    /// Of a pattern over `repository:tag`, or over `repository` alone, what is over the repository.
    package var repositories: Glob { Glob(description.split(separator: ":").first.map(String.init) ?? "") }

    /// Whether the whole of `text` fits.
    package func matches(_ text: String) -> Bool {
        let text = Array(text)
        var position = 0
        var index = 0
        /// Where to take up again when what follows the last `*` does not fit: one character further on.
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
