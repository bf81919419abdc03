import Yams

/// Reads YAML into entries that know their location.
///
/// A few lines of nested aliases can expand to billions of values. Values are counted while reading, and a document
/// with more than any real configuration is refused.
enum YAMLDocument {
    /// The most values in a document, with aliases expanded.
    static let valueLimit = 100_000
    /// The maximum nesting of mappings and lists.
    static let depthLimit = 100

    /// Reads a document; an empty one is an entry without content.
    ///
    /// - Parameter origin: The origin of all entries; nil for a file, whose entries get their line.
    /// - Throws: ``MalformedYAML``.
    static func parse(_ text: String, origin: Origin? = nil) throws(MalformedYAML) -> ConfigurationEntry {
        try refuseCollectionsAsKeys(text)
        let node: Node?
        do { node = try compose(yaml: text) } catch { throw MalformedYAML(error) }
        guard let node else { return ConfigurationEntry(.nothing, origin ?? .preset) }
        var reader = YAMLReader(origin: origin, remaining: valueLimit)
        return try reader.entry(node, depth: 0)
    }

    /// Refuses keys that are lists or mappings with many aliases, which the library would compare forever.
    ///
    /// No real configuration has such keys. Without them the library takes time proportional to the text.
    private static func refuseCollectionsAsKeys(_ text: String) throws(MalformedYAML) {
        guard text.matches(of: /(^|[\s,:\[\{\-])\*[A-Za-z0-9_\-]/).count > 8 else { return }
        let plain = text.replacing(/\[[0-9A-Fa-f:.%]*\]:[0-9]/, with: "")
        guard plain.contains(/\*[A-Za-z0-9_\-]+\s*:|[\]\}]\s*:|(^|[\s,\[\{\-])\?\s/) else { return }
        throw MalformedYAML(problem: "it has many aliases, and lists, mappings or aliases as keys")
    }
}

/// Converts the nodes of one document to entries and counts them.
private struct YAMLReader {
    let origin: Origin?
    /// How many more values are allowed.
    var remaining: Int

    mutating func entry(_ node: Node, depth: Int) throws(MalformedYAML) -> ConfigurationEntry {
        try count()
        guard depth < YAMLDocument.depthLimit else {
            throw MalformedYAML(problem: "mappings and lists are nested more than \(YAMLDocument.depthLimit) deep")
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
            throw MalformedYAML(problem: "it expands to more than \(YAMLDocument.valueLimit) values")
        }
    }

    /// The members of a mapping; those merged with `<<` come after its own.
    private mutating func members(
        _ mapping: Node.Mapping,
        depth: Int
    ) throws(MalformedYAML) -> [ConfigurationEntry.Member] {
        guard depth < YAMLDocument.depthLimit else {
            throw MalformedYAML(problem: "merged mappings are nested more than \(YAMLDocument.depthLimit) deep")
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

/// Text that is not YAML, or not YAML that a configuration may use.
package struct MalformedYAML: Error, CustomStringConvertible {
    /// What is wrong, and where.
    package let description: String

    /// An error of the YAML library, on one line.
    init(_ error: any Error) { self.description = "it is not YAML: \(Self.reason(error))" }

    /// Valid YAML beyond what a configuration needs.
    init(problem: String) { self.description = problem }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            return "line \(mark.line), column \(mark.column): \(problem)"
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            return "line \(context.mark.line): duplicate key: \(keys.sorted().joined(separator: ", "))"
        default:
            return "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }
}
