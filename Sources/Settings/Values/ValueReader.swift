/// Reads values that were found to be what they should be.
struct ValueReader {
    private let values: [String: ConfigurationEntry]

    init(_ values: [EffectiveValue]) {
        self.values = Dictionary(values.map { ($0.key, $0.content) }) { first, _ in first }.compactMapValues { $0 }
    }

    /// What was written for a key, or holds without; nil when neither is there.
    func entry(_ key: String) -> ConfigurationEntry? { values[key] }

    /// A text; nil when it is absent or empty.
    func text(_ key: String) -> String? {
        if case .text(let text) = values[key]?.content, !text.isEmpty { text } else { nil }
    }

    /// A word of a choice.
    func word(_ key: String) -> String? { text(key)?.lowercased() }

    func flag(_ key: String) -> Bool { text(key).flatMap(ValueKind.flag) ?? false }

    func number(_ key: String) -> Int { text(key).flatMap { Int($0) } ?? 0 }

    func duration(_ key: String) -> Duration { text(key).flatMap { GoDuration(parsing: $0) }?.duration ?? .zero }

    /// Texts; one that stands alone is a list of one.
    func texts(_ key: String) -> [String] { values[key]?.texts ?? [] }
}

extension ConfigurationEntry {
    /// The texts of a list, or the one that stands alone; none of anything else.
    package var texts: [String] {
        switch content {
        case .text(let text): text.isEmpty ? [] : [text]
        case .list(let entries): entries.flatMap(\.texts)
        case .nothing, .map: []
        }
    }
}
