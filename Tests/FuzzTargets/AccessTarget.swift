import RegistryCore
import RegistryHTTP

extension FuzzTarget {
    /// A repository pattern, a name, and access rules, one per line.
    static let access = FuzzTarget("access") { input in
        let (pattern, rest) = FuzzInput.firstLine(input)
        let (name, rules) = FuzzInput.firstLine(rest)
        let outcome = RepositoryPattern(pattern).matches(name)
        if name.contains("/"), !name.hasPrefix("library/") {
            try require(outcome == fits(Array(pattern.utf8), Array(name.utf8)), "a pattern matches like its text")
        }
        for line in FuzzInput.text(rules).split(separator: "\n") {
            guard let rule = try? AccessRule(parsing: String(line)) else { continue }
            try require(!rule.subjects.isEmpty && !rule.actions.isEmpty, "a rule has subjects and actions")
        }
        _ = GroupDocument(rules)
    }

    /// Another implementation: which prefixes of the name match each prefix of the pattern.
    private static func fits(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        var row = [true] + [Bool](repeating: false, count: name.count)
        for byte in pattern {
            if byte == UInt8(ascii: "*") {
                for index in name.indices where row[index] { row[index + 1] = true }
            } else {
                for index in name.indices.reversed() {
                    row[index + 1] = row[index] && (byte == UInt8(ascii: "?") || byte == name[index])
                }
                row[0] = false
            }
        }
        return row[name.count]
    }
}
