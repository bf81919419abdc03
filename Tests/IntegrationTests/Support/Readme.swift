import Foundation

/// What the README shows.
enum Readme {
    /// The blocks of a language, in their order.
    static func blocks(_ language: String) throws -> [String] {
        let file = GoldenTree.testdata.deletingLastPathComponent().appending(path: "README.md")
        let parts = try String(contentsOf: file, encoding: .utf8).split(separator: "```\(language)\n").dropFirst()
        return parts.map { part in String(part.prefix(upTo: part.firstRange(of: "```")?.lowerBound ?? part.endIndex)) }
    }

    /// The commands of this program that it shows, one a line.
    static var commands: [String] {
        get throws {
            try blocks("sh").flatMap { $0.split(separator: "\n") }.map { line in
                String(line.split(separator: "&& ").last ?? line)
            }.filter { $0.contains(#/(^|/| )longshore /#) }
        }
    }
}
