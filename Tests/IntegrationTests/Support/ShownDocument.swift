import Foundation

/// A document of this repository with commands and configurations: README.md or MIGRATION.md.
struct ShownDocument: Sendable {
    static let readme = ShownDocument(name: "README.md")
    static let migration = ShownDocument(name: "MIGRATION.md")

    let name: String

    /// The repository's directory.
    static let top = GoldenTree.testdata.deletingLastPathComponent().path

    /// The whole text.
    var text: String {
        get throws { try String(contentsOfFile: "\(Self.top)/\(name)", encoding: .utf8) }
    }

    /// The blocks of a language, in order.
    func blocks(_ language: String) throws -> [String] {
        try text.split(separator: "```\(language)\n").dropFirst().map { part in
            String(part.prefix(upTo: part.firstRange(of: "```")?.lowerBound ?? part.endIndex))
        }
    }

    /// The options mentioned in code and in commands.
    var options: Set<String> {
        get throws { Set(try text.matches(of: /(?:^|[^\w-])(--[a-z][a-z0-9-]*)/).map { String($0.1) }) }
    }

    /// The code words in the first columns of its tables.
    var firstColumns: [String] {
        get throws {
            try text.matches(of: /(?m)^\| (`[a-z0-9.-]+`(?:, `[a-z0-9.-]+`)*) \|/).flatMap { row in
                row.1.matches(of: /`([^`]+)`/).map { String($0.1) }
            }
        }
    }
}
