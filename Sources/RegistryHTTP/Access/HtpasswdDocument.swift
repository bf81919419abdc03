package import SystemLibraries

/// An htpasswd file: one user and password hash per line. Lines are preserved as they are.
///
/// Blank lines and comments (`#`) are ignored. If a user has several lines, the last one counts, as in registry:2.
/// A line without a colon or with a hash of an unknown scheme does not let anyone log in.
package struct HtpasswdDocument: Sendable {
    /// The hash of each user; nil for a hash of an unknown scheme.
    package private(set) var users: [String: PasswordHash?] = [:]
    /// The numbers of the lines that are not understood, from 1.
    package private(set) var malformedLines: [Int] = []
    private var lines: [String] = []

    /// An empty file.
    package init() {}

    /// Reads a file. Lines may also end with CR LF.
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

    /// The file's content.
    package var bytes: [UInt8] { lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] } }

    /// Replaces a user's hash, or adds the user at the end.
    ///
    /// - Precondition: ``isName(_:)`` is true for `user`.
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

    /// Removes a user, and returns whether the user existed.
    package mutating func remove(_ user: String) -> Bool {
        let count = lines.count
        lines.removeAll { Self.user(of: $0) == user }
        users[user] = nil
        return lines.count < count
    }

    /// Whether a text is a valid user name, usable both in a line of the file and in Basic credentials.
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
    /// The hash that matches a password; nil when the password is wrong.
    ///
    /// When the user does not exist or has a cheaper hash than others, the costliest hash of the file is computed as
    /// well: the response time must not reveal who is a user.
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
