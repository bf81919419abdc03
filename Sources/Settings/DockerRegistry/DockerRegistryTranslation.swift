/// Applies a configuration of docker-registry 0.9, the v1 server: its file and its variables.
///
/// Its values apply unless registry:2's file or variables set the same key. Values without effect are reported.
struct DockerRegistryTranslation {
    /// docker-registry's variables with registry:2's prefix.
    static let names: Set<String> = ["REGISTRY_HOST", "REGISTRY_PORT"]

    private(set) var root: ConfigurationEntry
    private(set) var findings: [Finding] = []

    init(over root: ConfigurationEntry) { self.root = root }

    /// Applies the flavor of a file. Without a path, images are in `./tmp`, docker-registry's default.
    mutating func apply(_ file: DockerRegistryFile) {
        findings += file.findings
        let storage = file.values.first { $0.key == "storage" }
        let kind = storage?.text.lowercased() ?? "local"
        if let storage, !["local", "file"].contains(kind) {
            findings.append(
                .refusal(
                    "\(storage.place) is \(kind), but Longshore serves a directory: copy the images to one and set "
                        + "storage: local and storage_path"
                )
            )
        }
        if !file.values.isEmpty, !file.values.contains(where: { $0.key == "standalone" }) {
            findings.append(
                .warning("standalone is not set: docker-registry would ask an index for permission, Longshore does not")
            )
        }
        apply(file.values.filter { $0.key != "storage" })
        root.set(
            ["storage", "filesystem", "rootdirectory"],
            ConfigurationEntry(.text("./tmp"), .preset),
            replacing: false
        )
    }

    /// Applies the variables that the file does not refer to.
    mutating func apply(_ environment: [String: String], beside file: DockerRegistryFile?) {
        let used = Set((file?.values ?? []).map(\.entry.origin))
        let present = DockerRegistryKeys.variables.filter { environment[$0.name] != nil }
        let isAlone = present.allSatisfy { DockerRegistryKeys.commonVariables.contains($0.name) }
        let values = present.compactMap { variable -> DockerRegistryValue? in
            let origin = Origin.environment(variable.name)
            guard !used.contains(origin), !(isAlone && file == nil) else { return nil }
            return DockerRegistryValue(
                key: variable.key,
                entry: ConfigurationEntry(.text(environment[variable.name] ?? ""), origin)
            )
        }
        apply(values)
        applyAddress(environment)
        let flavor = environment[DockerRegistryFile.flavorVariable] ?? "local"
        if file == nil, !["local", "dev", "test", "common", ""].contains(flavor) {
            findings.append(.refusal("$SETTINGS_FLAVOR is \(flavor): images can only be stored in a directory"))
        }
    }

    private mutating func apply(_ values: [DockerRegistryValue]) {
        let byKey = Dictionary(values.map { ($0.key, $0) }) { first, _ in first }
        for value in values {
            switch value.key {
            case "storage_path":
                guard !value.text.isEmpty else { continue }
                // docker-registry always lets its clients delete.
                if add(["storage", "filesystem", "rootdirectory"], value.text, value) {
                    root.set(
                        ["legacy", "delete"],
                        ConfigurationEntry(.text("true"), value.entry.origin),
                        replacing: false
                    )
                }
            case "search_backend": _ = add(["legacy", "search"], "\(!value.isOff)", value)
            case "loglevel": applyLevel(value)
            case "standalone":
                let isOpen = byKey["disable_token_auth"].map { ValueKind.flag($0.text) == true } ?? false
                guard ValueKind.flag(value.text) == false, !isOpen else { continue }
                findings.append(
                    .refusal("\(value.place) is \(value.text): permissions cannot be delegated to an external index")
                )
            case "cors.origins": applyOrigins(value, byKey)
            case let key where CrossOriginFields.names[key] != nil && byKey["cors.origins"]?.isOff == false: break
            default: report(value, byKey)
            }
        }
    }

    /// Reports a value without effect, unless it or its section is turned off.
    private mutating func report(_ value: DockerRegistryValue, _ values: [String: DockerRegistryValue]) {
        guard !value.isOff else { return }
        // A file is mostly the sample configuration: of its values, report only those that would change something.
        if !value.isVariable {
            let section = value.key.split(separator: ".").first.map(String.init) ?? ""
            if DockerRegistryKeys.unneeded.contains(value.key) { return }
            if let key = DockerRegistryKeys.switches[section], values[key]?.isOff != false { return }
        }
        findings.append(.warning("\(value.place) has no effect: \(DockerRegistryKeys.reason(for: value.key))"))
    }

    private mutating func applyLevel(_ value: DockerRegistryValue) {
        let levels = [
            "debug": "debug", "notset": "debug", "info": "info", "warn": "warn", "warning": "warn", "error": "error",
            "critical": "error", "fatal": "error",
        ]
        guard !value.text.isEmpty else { return }
        guard let level = levels[value.text.lowercased()] else {
            findings.append(.warning("\(value.place) has no effect: '\(value.text)' is not a log level"))
            return
        }
        _ = add(["log", "level"], level, value)
    }

    private mutating func applyOrigins(_ value: DockerRegistryValue, _ values: [String: DockerRegistryValue]) {
        guard !value.isOff else { return }
        switch CrossOriginFields.fields(for: value, values) {
        case .success(let fields):
            for (name, text) in fields {
                let entry = ConfigurationEntry(
                    .list([ConfigurationEntry(.text(text), value.entry.origin)]),
                    value.entry.origin
                )
                root.set(["http", "headers", name], entry, replacing: false)
            }
        case .failure(let fault):
            findings.append(.warning("\(value.place) has no effect: \(fault.reason)"))
        }
    }

    private mutating func applyAddress(_ environment: [String: String]) {
        // For a service called "registry", Kubernetes sets REGISTRY_PORT to a URL, which is not a setting.
        if let port = environment["REGISTRY_PORT"], Int(port) != nil {
            addVariable(["http", "addr"], "\(environment["REGISTRY_HOST"] ?? "0.0.0.0"):\(port)", "REGISTRY_PORT")
        } else if let host = environment["REGISTRY_HOST"], !host.isEmpty {
            addVariable(["http", "addr"], "\(host):5000", "REGISTRY_HOST")
        }
    }

    private mutating func addVariable(_ path: [String], _ text: String, _ name: String) {
        let entry = ConfigurationEntry(.text(text), .environment(name))
        _ = add(path, text, DockerRegistryValue(key: name, entry: entry))
    }

    /// Sets a key unless it has another value. Warns if that makes a variable ineffective.
    ///
    /// - Returns: Whether the key has this value now.
    private mutating func add(_ path: [String], _ text: String, _ value: DockerRegistryValue) -> Bool {
        if let entry = root[path], !entry.isEmpty {
            if entry.content == .text(text) { return true }
            if case .environment(let name) = value.entry.origin {
                let key = path.joined(separator: ".")
                findings.append(.warning("$\(name) has no effect: \(key) is set (\(entry.origin)) and overrides it"))
            }
            return false
        }
        root.set(path[...], ConfigurationEntry(.text(text), value.entry.origin), replacing: false)
        return true
    }
}
