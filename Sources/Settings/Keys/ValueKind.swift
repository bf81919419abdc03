/// What a text must be.
enum ValueKind: Sendable {
    case text
    /// `true` or `false`, in any of the words that YAML 1.1 has for them.
    case flag
    /// A whole number.
    case number(ClosedRange<Int>)
    /// A time as Go writes it: `90s`, `1h30m`, `168h`.
    case duration
    /// One of these words, whatever its case.
    case choice([String])

    /// What is wrong with `text`, as the end of a sentence; nil when nothing is.
    func fault(in text: String) -> String? {
        switch self {
        case .text: nil
        case .flag: Self.flag(text) == nil ? "is neither true nor false" : nil
        case .number(let range):
            Int(text).map(range.contains) == true
                ? nil : "is not a number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: GoDuration(parsing: text) == nil ? "is not a time such as 30s, 5m or 168h" : nil
        case .choice(let choices):
            choices.contains(text.lowercased()) ? nil : "is not one of \(choices.joined(separator: ", "))"
        }
    }

    /// The truth that a word stands for; nil for other words.
    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "y": true
        case "false", "no", "off", "n": false
        default: nil
        }
    }
}
