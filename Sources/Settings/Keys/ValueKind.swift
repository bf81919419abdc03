/// The kind of a scalar.
enum ValueKind: Sendable {
    case text
    /// `true` or `false`, or any of YAML 1.1's synonyms.
    case flag
    /// A whole number.
    case number(ClosedRange<Int>)
    /// A duration in Go's format: `90s`, `1h30m`, `168h`.
    case duration
    /// A duration, or this word.
    case durationOr(String)
    /// One of these words, in any case.
    case choice([String])

    /// What is wrong with `text`, as the end of a sentence; nil if it is valid.
    func fault(in text: String) -> String? {
        switch self {
        case .text: nil
        case .flag: Self.flag(text) == nil ? "is neither true nor false" : nil
        case .number(let range):
            Int(text).map(range.contains) == true
                ? nil : "is not a number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: GoDuration(parsing: text) == nil ? "is not a time such as 30s, 5m or 168h" : nil
        case .durationOr(let word):
            text.lowercased() == word || GoDuration(parsing: text) != nil
                ? nil : "is neither \(word) nor a time such as 30s, 5m or 168h"
        case .choice(let choices):
            choices.contains(text.lowercased()) ? nil : "is not one of \(choices.joined(separator: ", "))"
        }
    }

    /// The Boolean for a word; nil for other words.
    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "y": true
        case "false", "no", "off", "n": false
        default: nil
        }
    }
}
