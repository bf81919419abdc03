/// A configuration assembled from a file, the environment and the command line, each of which overrides the previous.
package struct RegistryConfiguration: Sendable {
    /// A value from the command line.
    package struct Option: Sendable {
        /// The option's name.
        let name: String
        /// The key it sets.
        let key: String
        /// The value it sets.
        let content: ConfigurationEntry.Content
        /// Whether it replaces a value from the file or the environment.
        let overrides: Bool

        /// - Parameter overrides: Whether it replaces a value from the file or the environment.
        package init(_ name: String, _ key: String, _ text: String, overrides: Bool = true) {
            self.name = name
            self.key = key
            self.content = .text(text)
            self.overrides = overrides
        }

        /// An option that can be repeated and sets a list.
        package init(_ name: String, _ key: String, list: [String]) {
            self.name = name
            self.key = key
            self.content = .list(list.map { ConfigurationEntry(.text($0), .option(name)) })
            self.overrides = true
        }
    }

    /// The variable that names the file unless the command line does.
    package static let fileVariable = "REGISTRY_CONFIGURATION_PATH"

    /// The file to read: the one on the command line, or the one named by a variable of registry:2 or docker-registry.
    package static func path(_ argument: String?, environment: [String: String]) -> String? {
        let named = [fileVariable, DockerRegistryFile.fileVariable].compactMap { environment[$0] }
        return argument ?? named.first { !$0.isEmpty }
    }

    /// The value in effect for each key, and where it was set.
    package let values: [EffectiveValue]
    /// Problems in the configuration, refusals first.
    package let findings: [Finding]
    /// The settings in effect, provided nothing is refused.
    package let settings: RegistrySettings

    /// Assembles a configuration. Without a file, the images are in `./registry`.
    ///
    /// - Parameters:
    ///   - file: The text of a file for registry:2 or docker-registry 0.9; nil for none.
    ///   - path: The path of the file.
    ///   - environment: The environment variables.
    ///   - options: The command-line options.
    package init(
        file: String?,
        at path: String? = nil,
        environment: [String: String],
        options: [Option] = []
    ) {
        var findings: [Finding] = []
        var root = ConfigurationEntry(.nothing, .preset)
        var v1File: DockerRegistryFile?
        if let file {
            do {
                root = try YAMLDocument.parse(file)
                v1File = DockerRegistryFile(root, environment)
                if v1File == nil { findings += Self.versionFindings(root) }
            } catch {
                findings.append(.refusal("\(error)"))
            }
        }
        let isOperatorsFile = v1File == nil && Self.isOperatorsFile(root)
        if v1File != nil { root = ConfigurationEntry(.nothing, .preset) }
        var overlay = EnvironmentOverlay(over: root)
        overlay.apply(environment)
        root = overlay.root
        findings += overlay.findings
        // A storage that is only named, `storage: s3`, must be refused, not overwritten.
        root["storage"]?.nameKind()
        var translation = DockerRegistryTranslation(over: root)
        if let v1File { translation.apply(v1File) }
        translation.apply(environment, beside: v1File)
        root = translation.root
        findings += translation.findings
        if let named = environment[DockerRegistryFile.fileVariable], !named.isEmpty, named != path {
            findings.append(.warning("$\(DockerRegistryFile.fileVariable) has no effect: \(named) is not in use"))
        }
        if file == nil {
            let here = ConfigurationEntry(.text("./registry"), .preset)
            root.set(["storage", "filesystem", "rootdirectory"], here, replacing: false)
        }
        for option in options {
            let entry = ConfigurationEntry(option.content, .option(option.name))
            let path = option.key.split(separator: ".").map(String.init)
            root.set(path[...], entry, replacing: option.overrides)
        }
        findings += KeyCheck(root).findings + AccessCheck(root).findings + TagRuleCheck(root).findings
        var values = EffectiveValue.all(in: root)
        settings = RegistrySettings(values, isOperatorsFile: isOperatorsFile)
        let defaults = DerivedDefaults(settings, ValueReader(values))
        for index in values.indices where values[index].content == nil {
            values[index].standing = defaults.text(of: values[index].key)
        }
        self.values = values
        findings += CombinationCheck(root, settings).findings
        self.findings = findings.filter { $0.weight == .refusal } + findings.filter { $0.weight == .warning }
    }

    /// Whether the configuration can be served.
    package var isAcceptable: Bool { !findings.contains { $0.weight == .refusal } }

    /// Whether a file sets more than the packaged one, which has only log fields and header fields.
    private static func isOperatorsFile(_ root: ConfigurationEntry) -> Bool {
        root.members.contains { member in
            switch member.key {
            case "version", "log": false
            case "http": member.value.members.contains { $0.key != "headers" }
            default: true
            }
        }
    }

    private static func versionFindings(_ root: ConfigurationEntry) -> [Finding] {
        guard let version = root["version"] else {
            return root.isEmpty ? [] : [.refusal("version is missing: add version: 0.1")]
        }
        if version.content == .text("0.1") { return [] }
        return [.refusal("version (\(version.origin)) must be 0.1")]
    }
}
