/// A file of groups in Apache's form: `NAME: USER USER …` a line. `#` begins a comment; a group may have several lines.
package struct GroupDocument: Sendable, Equatable {
    /// The groups that each user is in.
    package let groups: [String: Set<String>]

    /// A file without a line.
    package init() { groups = [:] }

    /// Reads a file. A line without a colon says nothing.
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
