/// Applies environment variables to a configuration like registry:2 does.
///
/// `REGISTRY_HTTP_ADDR` is `http.addr`: the parts of the name, split at underscores, are keys in capitals. The value is
/// YAML. Variables are applied in alphabetical order, so `REGISTRY_AUTH` replaces the file's whole `auth` before
/// `REGISTRY_AUTH_HTPASSWD_PATH` applies. List elements are named by their index, which may be one past the last.
struct EnvironmentOverlay {
    /// The prefix of the variables.
    static let prefix = "REGISTRY_"

    private(set) var root: ConfigurationEntry
    /// Problems in variables.
    private(set) var findings: [Finding] = []

    init(over root: ConfigurationEntry) { self.root = root }

    /// Applies all variables except docker-registry's and the one that names the file.
    mutating func apply(_ environment: [String: String]) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            let isOther = name == RegistryConfiguration.fileVariable || DockerRegistryTranslation.names.contains(name)
            guard name.hasPrefix(Self.prefix), !isOther else { continue }
            guard !ServiceLink.isOne(name, value) else {
                findings.append(.warning("$\(name) has no effect: Kubernetes sets it for a service"))
                continue
            }
            let path = name.dropFirst(Self.prefix.count).split(separator: "_", omittingEmptySubsequences: false)
            guard path.count <= YAMLDocument.depthLimit else {
                findings.append(.warning("\(Self.prefix)… is not a known variable: it has \(path.count) parts"))
                continue
            }
            do {
                let entry = try YAMLDocument.parse(value, origin: .environment(name))
                var changed = root
                try overwrite(&changed, .section(RegistryKeys.all), path[...], with: entry)
                root = changed
            } catch {
                findings.append(.refusal("\(name): \(error)"))
            }
        }
    }

    private mutating func overwrite(
        _ target: inout ConfigurationEntry,
        _ shape: KeyShape,
        _ path: ArraySlice<Substring>,
        with entry: ConfigurationEntry
    ) throws(MisplacedVariable) {
        guard let part = path.first else {
            target = entry
            return
        }
        switch shape {
        case .section(let keys):
            guard let key = keys.first(where: { $0.nameInVariables == part }) else {
                findings.append(unknown(entry.origin))
                return
            }
            try descend(&target, to: key.name, key.shape, path, with: entry)
        case .kinds(let keys, _):
            target.nameKind()
            let key = keys.first { $0.nameInVariables == part }
            let name = key?.name ?? existing(part, in: target) ?? part.lowercased()
            try descend(&target, to: name, key?.shape ?? .anything, path, with: entry)
        case .value:
            findings.append(unknown(entry.origin))
        case .texts, .sections:
            try overwriteElement(&target, shape, part, path, with: entry)
        case .textsByName, .textByName, .anything:
            if case .list = target.content {
                try overwriteElement(&target, shape, part, path, with: entry)
            } else if case .text = target.content {
                findings.append(unknown(entry.origin))
            } else {
                let name = existing(part, in: target) ?? part.lowercased()
                try descend(&target, to: name, shape.element, path, with: entry)
            }
        }
    }

    private mutating func descend(
        _ target: inout ConfigurationEntry,
        to name: String,
        _ shape: KeyShape,
        _ path: ArraySlice<Substring>,
        with entry: ConfigurationEntry
    ) throws(MisplacedVariable) {
        var child = target[name] ?? ConfigurationEntry(.nothing, entry.origin)
        try overwrite(&child, shape, path.dropFirst(), with: entry)
        target[name] = child
    }

    private mutating func overwriteElement(
        _ target: inout ConfigurationEntry,
        _ shape: KeyShape,
        _ part: Substring,
        _ path: ArraySlice<Substring>,
        with entry: ConfigurationEntry
    ) throws(MisplacedVariable) {
        var elements: [ConfigurationEntry] = []
        if case .list(let existing) = target.content { elements = existing }
        guard let index = Int(part), (0...elements.count).contains(index) else {
            throw MisplacedVariable(part: String(part), count: elements.count)
        }
        if index == elements.count { elements.append(ConfigurationEntry(.nothing, entry.origin)) }
        try overwrite(&elements[index], shape.element, path.dropFirst(), with: entry)
        target.content = .list(elements)
    }

    /// The existing key of a mapping that a part of a variable's name refers to.
    private func existing(_ part: Substring, in entry: ConfigurationEntry) -> String? {
        entry.members.first { $0.key.uppercased() == part }?.key
    }

    private func unknown(_ origin: Origin) -> Finding {
        guard case .environment(let variable) = origin else { return .warning("\(origin) is not a known key") }
        let name = String(variable.dropFirst(Self.prefix.count))
        let nearest = Spelling.nearest(to: name, among: KeyPaths.variables)
        let sentence = "\(origin) is not a known variable\(nearest.map { "; did you mean \(Self.prefix)\($0)?" } ?? "")"
        // Kubernetes sets these for a service called "registry-proxy": not a misspelt setting.
        let isServiceLink = name.contains(/_(SERVICE_HOST|SERVICE_PORT|PORT)(_|$)/)
        return DecisiveSections.holdVariable(nearest ?? name) && !isServiceLink
            ? .refusal(sentence) : .warning(sentence)
    }
}

/// A variable names a list element that cannot exist.
struct MisplacedVariable: Error, CustomStringConvertible {
    let part: String
    let count: Int

    var description: String { "'\(part)' is not an element's index from 0 to \(count)" }
}

extension KeyShape {
    /// The shape of the elements of a list or mapping.
    fileprivate var element: KeyShape {
        switch self {
        case .sections(let keys): .section(keys)
        case .textsByName: .texts
        case .texts, .textByName: .value(.text, preset: nil)
        case .section, .kinds, .value, .anything: .anything
        }
    }
}

extension ConfigurationEntry {
    /// Turns a kind given as a scalar into a mapping: `auth: htpasswd` becomes `auth: {htpasswd: }`.
    mutating func nameKind() {
        guard case .text(let kind) = content else { return }
        content = .map([Member(key: kind, value: ConfigurationEntry(.nothing, origin))])
    }
}
