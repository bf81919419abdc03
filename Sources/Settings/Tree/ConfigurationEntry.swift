/// A value of the configuration as written.
package struct ConfigurationEntry: Hashable, Sendable {
    /// The content of an entry.
    package indirect enum Content: Hashable, Sendable {
        /// A key without a value, or `null`.
        case nothing
        /// A scalar as written, without quotes.
        case text(String)
        /// The elements of a sequence.
        case list([ConfigurationEntry])
        /// The members of a mapping, in order.
        case map([Member])
    }

    /// A key of a mapping and its value.
    package struct Member: Hashable, Sendable {
        /// The key as written.
        package let key: String
        /// The value of the key.
        package var value: ConfigurationEntry
    }

    /// The content as written.
    package var content: Content
    /// Where it was written.
    package var origin: Origin

    package init(_ content: Content, _ origin: Origin) {
        self.content = content
        self.origin = origin
    }

    /// The members of a mapping; empty for any other content.
    package var members: [Member] {
        if case .map(let members) = content { members } else { [] }
    }

    /// Whether it has no content at any level.
    package var isEmpty: Bool {
        switch content {
        case .nothing: true
        case .text(let text): text.isEmpty
        case .list(let entries): entries.isEmpty
        case .map(let members): members.allSatisfy(\.value.isEmpty)
        }
    }

    /// The value of a key; nil if absent. Setting it adds the key, and turns any other content into a mapping.
    package subscript(key: String) -> ConfigurationEntry? {
        get { members.first { $0.key == key }?.value }
        set {
            var members = members.filter { $0.key != key || newValue != nil }
            if let newValue {
                if let index = members.firstIndex(where: { $0.key == key }) {
                    members[index].value = newValue
                } else {
                    members.append(Member(key: key, value: newValue))
                }
            }
            content = .map(members)
        }
    }

    /// The value at a path of keys; nil if absent.
    package subscript(path: [String]) -> ConfigurationEntry? {
        path.reduce(Optional(self)) { entry, key in entry?[key] }
    }
}

extension ConfigurationEntry {
    /// Sets the value at a path of keys, creating mappings on the way.
    ///
    /// - Parameter replacing: Whether to replace an existing value.
    mutating func set(_ path: ArraySlice<String>, _ entry: ConfigurationEntry, replacing: Bool) {
        guard let key = path.first else {
            if replacing || isEmpty { self = entry }
            return
        }
        var child = self[key] ?? ConfigurationEntry(.nothing, entry.origin)
        child.set(path.dropFirst(), entry, replacing: replacing)
        self[key] = child
    }
}

/// Where a value of the configuration was set.
package enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// Nowhere: it is the default.
    case preset
    /// On this line of the file.
    case file(line: Int)
    /// In an environment variable.
    case environment(String)
    /// On the command line.
    case option(String)

    package var description: String {
        switch self {
        case .preset: "default"
        case .file(let line): "line \(line) of the file"
        case .environment(let name): "$\(name)"
        case .option(let name): name
        }
    }
}
