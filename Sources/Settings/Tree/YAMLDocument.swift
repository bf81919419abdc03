import Yams

/// Reads YAML into entries that know where they were written.
///
/// A few lines of aliases of aliases stand for billions of values: what a document stands for is counted while it is
/// read, and it is refused where that is more than any configuration has.
enum YAMLDocument {
    /// The most values that a document may stand for, aliases included.
    static let valueLimit = 100_000
    /// How deep mappings and lists may stand in each other.
    static let depthLimit = 100

    /// Reads a document; an empty one is an entry with nothing in it.
    ///
    /// - Parameter origin: Where all of it is from; nil for a file, whose lines are told.
    /// - Throws: ``MalformedYAML``.
    static func parse(_ text: String, origin: Origin? = nil) throws(MalformedYAML) -> ConfigurationEntry {
        try refuseCollectionsAsKeys(text)
        let node: Node?
        do { node = try compose(yaml: text) } catch { throw MalformedYAML(error) }
        guard let node else { return ConfigurationEntry(.nothing, origin ?? .preset) }
        var reader = YAMLReader(origin: origin, remaining: valueLimit)
        return try reader.entry(node, depth: 0)
    }

    /// Refuses what the library would take for ever to compare: keys that are lists or mappings made of many aliases.
    ///
    /// No configuration has such keys. Without them the library is done in the time that reading the text takes.
    private static func refuseCollectionsAsKeys(_ text: String) throws(MalformedYAML) {
        guard text.matches(of: /(^|[\s,:\[\{\-])\*[A-Za-z0-9_\-]/).count > 8 else { return }
        let plain = text.replacing(/\[[0-9A-Fa-f:.%]*\]:[0-9]/, with: "")
        guard plain.contains(/\*[A-Za-z0-9_\-]+\s*:|[\]\}]\s*:|(^|[\s,\[\{\-])\?\s/) else { return }
        throw MalformedYAML(problem: "it has many aliases, and lists, mappings or aliases as keys")
    }
}

/// Makes entries of the nodes of one document, and counts them.
private struct YAMLReader {
    let origin: Origin?
    /// How many values there may be still.
    var remaining: Int

    mutating func entry(_ node: Node, depth: Int) throws(MalformedYAML) -> ConfigurationEntry {
        try count()
        guard depth < YAMLDocument.depthLimit else {
            throw MalformedYAML(problem: "mappings and lists stand in each other \(YAMLDocument.depthLimit) deep")
        }
        let place = origin ?? .file(line: node.mark?.line ?? 1)
        switch node {
        case .scalar(let scalar):
            let isNull = node.null != nil && scalar.style == .plain
            return ConfigurationEntry(isNull ? .nothing : .text(scalar.string), place)
        case .sequence(let sequence):
            var entries: [ConfigurationEntry] = []
            for node in sequence { entries.append(try entry(node, depth: depth + 1)) }
            return ConfigurationEntry(.list(entries), place)
        case .mapping(let mapping):
            return ConfigurationEntry(.map(try members(mapping, depth: depth + 1)), place)
        case .alias:
            // Resolved when the document was composed.
            return ConfigurationEntry(.nothing, place)
        }
    }

    private mutating func count() throws(MalformedYAML) {
        remaining -= 1
        guard remaining >= 0 else {
            throw MalformedYAML(problem: "it stands for more than \(YAMLDocument.valueLimit) values, aliases included")
        }
    }

    /// The members, with those of merged mappings (`<<`) behind the mapping's own.
    private mutating func members(
        _ mapping: Node.Mapping,
        depth: Int
    ) throws(MalformedYAML) -> [ConfigurationEntry.Member] {
        guard depth < YAMLDocument.depthLimit else {
            throw MalformedYAML(problem: "merged mappings stand in each other \(YAMLDocument.depthLimit) deep")
        }
        var members: [ConfigurationEntry.Member] = []
        var merged: [ConfigurationEntry.Member] = []
        for (key, value) in mapping {
            guard let name = key.string else { continue }
            if name == "<<", key.tag.rawValue.hasSuffix(":merge") {
                let sources = value.sequence.map { Array($0) } ?? [value]
                for source in sources {
                    try count()
                    if let mapping = source.mapping { merged += try self.members(mapping, depth: depth + 1) }
                }
            } else {
                members.append(ConfigurationEntry.Member(key: name, value: try entry(value, depth: depth)))
            }
        }
        var names = Set(members.map(\.key))
        for member in merged where names.insert(member.key).inserted { members.append(member) }
        return members
    }
}

/// A text is not YAML, or not such as a configuration is written in.
package struct MalformedYAML: Error, CustomStringConvertible {
    /// What is wrong with it, and where.
    package let description: String

    /// What the library has against it, in one line.
    init(_ error: any Error) { self.description = "it is not YAML: \(Self.reason(error))" }

    /// What no configuration needs, though it be YAML.
    init(problem: String) { self.description = problem }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            return "line \(mark.line), column \(mark.column): \(problem)"
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            return "line \(context.mark.line): it has a key twice: \(keys.sorted().joined(separator: ", "))"
        default:
            return "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }
}
