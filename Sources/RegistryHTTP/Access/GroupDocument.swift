/// A file of groups in Apache's format: `NAME: USER USER …` per line. `#` begins a comment; groups may be split.
package struct GroupDocument: Sendable, Equatable {
    /// The groups of each user.
    package let groups: [String: Set<String>]

    /// An empty file.
    package init() { groups = [:] }

    /// Reads a file. Lines without a colon are ignored.
    package init(_ bytes: [UInt8]) {
        var groups: [String: Set<String>] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = sides[0].split(whereSeparator: \.isWhitespace).first, name.first != "#"
            else { continue }
            for user in sides[1].split(whereSeparator: \.isWhitespace) {
                groups[String(user), default: []].insert(String(name))
            }
        }
        self.groups = groups
    }
}
