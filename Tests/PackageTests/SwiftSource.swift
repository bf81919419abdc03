import Foundation

/// A Swift file as seen by these tests: its words, without comments and the text of literals.
struct SwiftSource {
    /// Its path below `Sources`.
    let path: String
    /// The words of each line.
    let lines: [[Substring]]
    /// The indentation of each line.
    let indents: [Int]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    /// All files of a target.
    static func all(of target: String) throws -> [SwiftSource] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: target).path)
            .filter { $0.hasSuffix(".swift") }.sorted()
            .map { try SwiftSource(path: "\(target)/\($0)") }
    }

    init(path: String) throws {
        self.path = path
        let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
        let code = Self.code(of: text)
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        self.lines = lines.map { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") } }
        indents = lines.map { line in line.prefix { $0 == " " }.count }
    }

    /// The folder below its target; nil for a file outside the folders.
    var room: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : nil
    }

    /// The top-level types that it declares, except for private ones.
    var types: Set<String> {
        let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
        var found: Set<String> = []
        for (words, indent) in zip(lines, indents) where indent == 0 {
            guard let position = words.firstIndex(where: kinds.contains), position + 1 < words.count,
                words[..<position].allSatisfy({ !["private", "fileprivate", "extension", "import"].contains($0) })
            else { continue }
            found.insert(String(words[position + 1]))
        }
        return found
    }

    /// The types that it declares or extends, at any depth.
    var extendedTypes: Set<String> {
        words(after: ["struct", "class", "enum", "actor", "protocol", "extension"])
    }

    /// The names of its functions and, as `init`, of its initializers.
    var functions: Set<String> {
        words(after: ["func"]).union(lines.joined().contains("init") ? ["init"] : [])
    }

    private func words(after keywords: Set<Substring>) -> Set<String> {
        var found: Set<String> = []
        for words in lines {
            for (keyword, name) in zip(words, words.dropFirst()) where keywords.contains(keyword) {
                found.insert(String(name))
            }
        }
        return found
    }

    /// All words that could be type names.
    var capitalized: Set<String> {
        Set(lines.joined().filter { $0.first?.isUppercase == true }.map(String.init))
    }

    /// The text without comments and string literals, but with the interpolations of literals.
    private static func code(of text: String) -> String {
        var code: [UInt8] = []
        /// The number of open parentheses in each interpolation being read.
        var interpolations: [Int] = []
        var isInString = false
        let bytes = Array(text.utf8)
        var index = 0
        func next(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }
        let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\"), slash = UInt8(ascii: "/")
        let newline = UInt8(ascii: "\n")
        while index < bytes.count {
            let byte = bytes[index]
            if isInString {
                if byte == backslash, next(1) == UInt8(ascii: "(") {
                    interpolations.append(0)
                    isInString = false
                    index += 1
                } else if byte == backslash {
                    index += 1
                } else if byte == quote {
                    // The three quotes of a long literal are an empty one and its beginning or end.
                    isInString = false
                } else if byte == newline {
                    code.append(byte)
                }
                code.append(UInt8(ascii: " "))
            } else if byte == slash, next(1) == slash {
                while index < bytes.count, bytes[index] != newline { index += 1 }
                continue
            } else if byte == quote {
                isInString = true
                code.append(UInt8(ascii: " "))
            } else {
                if byte == UInt8(ascii: "("), let depth = interpolations.popLast() { interpolations.append(depth + 1) }
                if byte == UInt8(ascii: ")"), let depth = interpolations.popLast() {
                    if depth == 0 { isInString = true } else { interpolations.append(depth - 1) }
                }
                code.append(byte)
            }
            index += 1
        }
        return String(decoding: code, as: UTF8.self)
    }
}
