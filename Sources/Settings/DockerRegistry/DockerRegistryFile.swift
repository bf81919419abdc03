/// A configuration file of docker-registry 0.9: a mapping of flavors, one of which is selected by a variable.
///
/// A value `_env:NAME:default` is the variable's, read as YAML; empty if neither variable nor default is given.
struct DockerRegistryFile {
    /// The variable that selects the flavor.
    static let flavorVariable = "SETTINGS_FLAVOR"
    /// The variable that names the file.
    static let fileVariable = "DOCKER_REGISTRY_CONFIG"

    /// The values of the flavor by full key: `mirroring.source`.
    private(set) var values: [DockerRegistryValue] = []
    /// Problems in the file.
    private(set) var findings: [Finding] = []

    /// Reads the flavor named by the environment, or `dev`; nil when the file is not docker-registry's.
    init?(_ root: ConfigurationEntry, _ environment: [String: String]) {
        let flavor = environment[Self.flavorVariable] ?? "dev"
        if flavor.isEmpty, root["version"] == nil, Self.isFlavor(root) {
            collect(root, [], environment)
        } else if Self.isOne(root) {
            guard let entry = root[flavor], case .map = entry.content else {
                let names = root.members.map(\.key).joined(separator: ", ")
                findings.append(
                    .refusal("the file has no flavor '\(flavor)': set $\(Self.flavorVariable) to one of \(names)")
                )
                return
            }
            collect(entry, [], environment)
        } else {
            return nil
        }
    }

    /// Whether a document contains flavors of docker-registry, and no `version` as in registry:2.
    private static func isOne(_ root: ConfigurationEntry) -> Bool {
        let known = Set(RegistryKeys.all.map(\.name))
        return root["version"] == nil && root.members.contains { !known.contains($0.key) && isFlavor($0.value) }
    }

    private static func isFlavor(_ entry: ConfigurationEntry) -> Bool {
        let telling = [
            "storage_path", "search_backend", "standalone", "loglevel", "issue", "mirroring", "index_endpoint",
            "disable_token_auth", "sqlalchemy_index_database",
        ]
        if telling.contains(where: { entry[$0] != nil }) { return true }
        if case .text? = entry["storage"]?.content { return true }
        return false
    }

    private mutating func collect(
        _ entry: ConfigurationEntry,
        _ path: [String],
        _ environment: [String: String]
    ) {
        let entry = resolve(entry, environment)
        if case .map(let members) = entry.content {
            for member in members { collect(member.value, path + [member.key], environment) }
        } else if !path.isEmpty {
            values.append(DockerRegistryValue(key: path.joined(separator: "."), entry: entry))
        }
    }

    private mutating func resolve(_ entry: ConfigurationEntry, _ environment: [String: String]) -> ConfigurationEntry {
        guard case .text(let text) = entry.content, text.hasPrefix("_env:") else { return entry }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let name = parts[1]
        let given = environment[name]
        let origin = given == nil ? entry.origin : .environment(name)
        do {
            return try YAMLDocument.parse(given ?? (parts.count > 2 ? parts[2] : ""), origin: origin)
        } catch {
            findings.append(.refusal("\(origin): \(error)"))
            return ConfigurationEntry(.nothing, origin)
        }
    }
}

/// A value of docker-registry's configuration.
struct DockerRegistryValue {
    /// The full key: `mirroring.source`.
    let key: String
    let entry: ConfigurationEntry

    /// The text of the value; empty unless it is a scalar.
    var text: String { if case .text(let text) = entry.content { text } else { "" } }

    /// The name of the value in messages: the variable, or the key and its line.
    var place: String { isVariable ? "\(entry.origin)" : "\(key) (\(entry.origin))" }

    /// Whether it comes from an environment variable.
    var isVariable: Bool { if case .environment = entry.origin { true } else { false } }

    /// Whether it is empty, zero or false, which turns docker-registry's switches off.
    var isOff: Bool {
        entry.isEmpty || text == "0" || ValueKind.flag(text) == false
    }
}
