import Yams

/// Reads YAML into entries that know where they were written.
enum YAMLDocument {
    /// Reads a document; an empty one is an entry with nothing in it.
    ///
    /// - Parameter origin: Where all of it is from; nil for a file, whose lines are told.
    /// - Throws: ``MalformedYAML``.
    static func parse(_ text: String, origin: Origin? = nil) throws(MalformedYAML) -> ConfigurationEntry {
        do {
            guard let node = try compose(yaml: text) else { return ConfigurationEntry(.nothing, origin ?? .preset) }
            return entry(node, origin)
        } catch {
            throw MalformedYAML(reason: "\(error)")
        }
    }

    private static func entry(_ node: Node, _ origin: Origin?) -> ConfigurationEntry {
        let place = origin ?? .file(line: node.mark?.line ?? 1)
        switch node {
        case .scalar(let scalar):
            let isNull = node.null != nil && scalar.style == .plain
            return ConfigurationEntry(isNull ? .nothing : .text(scalar.string), place)
        case .sequence(let sequence):
            return ConfigurationEntry(.list(sequence.map { entry($0, origin) }), place)
        case .mapping(let mapping):
            return ConfigurationEntry(.map(members(mapping, origin)), place)
        case .alias:
            // Resolved when the document was composed.
            return ConfigurationEntry(.nothing, place)
        }
    }

    /// The members, with those of merged mappings (`<<`) behind the mapping's own.
    private static func members(_ mapping: Node.Mapping, _ origin: Origin?) -> [ConfigurationEntry.Member] {
        var members: [ConfigurationEntry.Member] = []
        var merged: [ConfigurationEntry.Member] = []
        for (key, value) in mapping {
            guard let name = key.string else { continue }
            if name == "<<", key.tag.rawValue.hasSuffix(":merge") {
                let sources = value.sequence.map { Array($0) } ?? [value]
                merged += sources.compactMap(\.mapping).flatMap { self.members($0, origin) }
            } else {
                members.append(ConfigurationEntry.Member(key: name, value: entry(value, origin)))
            }
        }
        for member in merged where !members.contains(where: { $0.key == member.key }) { members.append(member) }
        return members
    }
}

/// A text is not YAML.
package struct MalformedYAML: Error, CustomStringConvertible {
    /// What is wrong with it, and where.
    let reason: String

    package var description: String { "it is not YAML: \(reason)" }
}
