/// The variables of docker-registry 0.9, the v1 server.
///
/// They count where neither the file nor a variable of registry:2 says anything.
enum LegacyEnvironment {
    /// Those of them that look like registry:2's.
    static let names: Set<String> = ["REGISTRY_HOST", "REGISTRY_PORT"]

    /// Adds to a configuration what the variables say.
    static func apply(_ environment: [String: String], to root: inout ConfigurationEntry) -> [Finding] {
        var findings: [Finding] = []
        if let path = environment["STORAGE_PATH"], !path.isEmpty {
            let hindrance = root.add(["storage", "filesystem", "rootdirectory"], path, "STORAGE_PATH")
            findings += hindrance
            // Who starts docker-registry may delete, also where it has not been before.
            if hindrance.isEmpty { _ = root.add(["legacy", "delete"], "true", "STORAGE_PATH") }
        }
        // A service called "registry" makes Kubernetes set REGISTRY_PORT to an address: that is not meant.
        if let port = environment["REGISTRY_PORT"], Int(port) != nil {
            let address = "\(environment["REGISTRY_HOST"] ?? "0.0.0.0"):\(port)"
            findings += root.add(["http", "addr"], address, "REGISTRY_PORT")
        } else if let host = environment["REGISTRY_HOST"], !host.isEmpty {
            findings += root.add(["http", "addr"], "\(host):5000", "REGISTRY_HOST")
        }
        if let backend = environment["SEARCH_BACKEND"] {
            findings += root.add(["legacy", "search"], "\(!backend.isEmpty)", "SEARCH_BACKEND")
        }
        if let standalone = environment["STANDALONE"], ValueKind.flag(standalone) == false {
            findings.append(
                .refusal("$STANDALONE is \(standalone): there is no index elsewhere to ask who may do what")
            )
        }
        let flavor = environment["SETTINGS_FLAVOR"] ?? "local"
        if !["local", "dev", "test", "common", ""].contains(flavor) {
            findings.append(.refusal("$SETTINGS_FLAVOR is \(flavor): images are stored in a directory alone"))
        }
        if let file = environment["DOCKER_REGISTRY_CONFIG"], !file.isEmpty {
            findings.append(.warning("$DOCKER_REGISTRY_CONFIG has no effect: \(file) is not read"))
        }
        return findings
    }
}

extension ConfigurationEntry {
    /// Sets a key to a text, unless something is there, and then says so if that is something else.
    fileprivate mutating func add(_ path: [String], _ text: String, _ variable: String) -> [Finding] {
        if let entry = self[path], !entry.isEmpty {
            if entry.content == .text(text) { return [] }
            let key = path.joined(separator: ".")
            return [.warning("$\(variable) has no effect: \(key) is set (\(entry.origin)), and comes first")]
        }
        set(path[...], ConfigurationEntry(.text(text), .environment(variable)), replacing: false)
        return []
    }

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
