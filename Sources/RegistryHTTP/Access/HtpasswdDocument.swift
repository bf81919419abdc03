package import SystemLibraries

/// An htpasswd file: a user and a password hash a line, kept as they stand.
///
/// Blank lines and those that begin with `#` say nothing. Of several lines of one user the last counts, as in registry:2.
/// A line without a colon, and a hash of a form that is not known, let nobody in.
package struct HtpasswdDocument: Sendable {
    /// What lets each user in; nil for a user whose hash has no form that is known.
    package private(set) var users: [String: PasswordHash?] = [:]
    /// The numbers, from 1, of the lines that say nothing that is understood.
    package private(set) var malformedLines: [Int] = []
    private var lines: [String] = []

    /// A file without a line.
    package init() {}

    /// Reads a file. Lines may end with a carriage return too.
    package init(_ bytes: [UInt8]) {
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        for (index, line) in lines.enumerated() {
            let content = Self.trimmed(line)
            guard !content.isEmpty, content.first != "#" else { continue }
            guard let entry = Self.entry(content) else {
                malformedLines.append(index + 1)
                continue
            }
            users[entry.user] = .some(PasswordHash(entry.hash))
            if PasswordHash(entry.hash) == nil { malformedLines.append(index + 1) }
        }
    }

    /// The file as it is now.
    package var bytes: [UInt8] { lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] } }

    /// Gives a user another hash, where the user stands, or adds the user at the end.
    ///
    /// - Precondition: ``isName(_:)`` holds of `user`.
    package mutating func set(_ hash: PasswordHash, for user: String) {
        let line = "\(user):\(hash.text)"
        let last = lines.lastIndex { Self.user(of: $0) == user }
        if let last {
            lines[last] = line
            lines = lines.enumerated().filter { $0.offset == last || Self.user(of: $0.element) != user }.map(\.element)
        } else {
            lines.append(line)
        }
        users[user] = .some(hash)
    }

    /// Takes a user out, and returns whether the user was there.
    package mutating func remove(_ user: String) -> Bool {
        let count = lines.count
        lines.removeAll { Self.user(of: $0) == user }
        users[user] = nil
        return lines.count < count
    }

    /// Whether a user can be called so: a line of the file must be able to hold it, and a Basic credential too.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text == trimmed(text) && text.first != "#" && !text.contains(":")
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    private static func user(of line: String) -> String? {
        let content = trimmed(line)
        return content.first == "#" ? nil : entry(content)?.user
    }

    private static func entry(_ content: String) -> (user: String, hash: String)? {
        let fields = content.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count > 1, let user = fields.first, !user.isEmpty else { return nil }
        return (String(user), String(fields[1]))
    }

    private static func trimmed(_ line: String) -> String {
        let rest = line.drop(while: \.isWhitespace)
        return rest.lastIndex { !$0.isWhitespace }.map { String(rest[...$0]) } ?? ""
    }
}

extension HtpasswdDocument {
    /// The hash by which a password lets a user in; nil when it does not.
    ///
    /// Where there is no such user, or one whose hash is cheaper than others', the costliest hash of the file is worked out
    /// too: the time does not tell who is a user.
    package func hash(letting user: String, inBy password: [UInt8]) -> PasswordHash? {
        let hash = users[user] ?? nil
        if let hash, hash.matches(password) { return hash }
        if let costliest, costliest.effort != hash?.effort { _ = costliest.matches(password) }
        return nil
    }

    private var costliest: PasswordHash? {
        users.values.compactMap(\.self).max { $0.effort < $1.effort }
    }
}
