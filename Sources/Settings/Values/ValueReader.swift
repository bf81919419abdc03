/// Reads values that have passed the checks.
struct ValueReader {
    private let values: [String: ConfigurationEntry]

    init(_ values: [EffectiveValue]) {
        self.values = Dictionary(values.map { ($0.key, $0.content) }) { first, _ in first }.compactMapValues { $0 }
    }

    /// The value of a key or its default; nil when there is neither.
    func entry(_ key: String) -> ConfigurationEntry? { values[key] }

    /// A scalar; nil when it is absent or empty.
    func text(_ key: String) -> String? {
        if case .text(let text) = values[key]?.content, !text.isEmpty { text } else { nil }
    }

    /// A choice, in lower case.
    func word(_ key: String) -> String? { text(key)?.lowercased() }

    func flag(_ key: String) -> Bool { text(key).flatMap(ValueKind.flag) ?? false }

    func number(_ key: String) -> Int { text(key).flatMap { Int($0) } ?? 0 }

    func duration(_ key: String) -> Duration { text(key).flatMap { GoDuration(parsing: $0) }?.duration ?? .zero }

    /// A list of scalars; a single scalar is a list of one.
    func texts(_ key: String) -> [String] { values[key]?.texts ?? [] }
}

extension ConfigurationEntry {
    /// The scalars of a list, or a single scalar; empty for any other content.
    package var texts: [String] {
        switch content {
        case .text(let text): text.isEmpty ? [] : [text]
        case .list(let entries): entries.flatMap(\.texts)
        case .nothing, .map: []
        }
    }
}
