/// What was written for a key, before anything is made of it.
package struct ConfigurationEntry: Hashable, Sendable {
    /// What there is between two keys.
    package indirect enum Content: Hashable, Sendable {
        /// The key alone, or `null`.
        case nothing
        /// A scalar, as it was written, without quotes.
        case text(String)
        /// The elements of a sequence.
        case list([ConfigurationEntry])
        /// The members of a mapping, in their order.
        case map([Member])
    }

    /// One key of a mapping and its value.
    package struct Member: Hashable, Sendable {
        /// The key, as it was written.
        package let key: String
        /// What was written for it.
        package var value: ConfigurationEntry
    }

    /// What was written.
    package var content: Content
    /// Where.
    package var origin: Origin

    package init(_ content: Content, _ origin: Origin) {
        self.content = content
        self.origin = origin
    }

    /// The members of a mapping; none of anything else.
    package var members: [Member] {
        if case .map(let members) = content { members } else { [] }
    }

    /// Whether nothing was written, or nothing in it.
    package var isEmpty: Bool {
        switch content {
        case .nothing: true
        case .text(let text): text.isEmpty
        case .list(let entries): entries.isEmpty
        case .map(let members): members.allSatisfy(\.value.isEmpty)
        }
    }

    /// The value of a key; nil when the key is not there. Setting it adds the key, and makes a mapping of anything else.
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

    /// The value at the end of a path of keys; nil when it was not written.
    package subscript(path: [String]) -> ConfigurationEntry? {
        path.reduce(Optional(self)) { entry, key in entry?[key] }
    }
}

extension ConfigurationEntry {
    /// Sets a key, and makes the mappings that lead to it.
    ///
    /// - Parameter replacing: Whether that also happens when something is there.
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

/// Where a value of the configuration was written.
package enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// Nowhere: it is what holds when nothing is said.
    case preset
    /// In the file, on this line.
    case file(line: Int)
    /// In a variable of the environment.
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
