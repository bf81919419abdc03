/// The value in effect for a key, and where it was set.
package struct EffectiveValue: Hashable, Sendable {
    /// The full key: `http.addr`.
    package let key: String
    /// The value; nil if it is unset.
    package let content: ConfigurationEntry?
    /// Where it was set.
    package let origin: Origin
    /// Whether it is never printed.
    package let isSecret: Bool
    /// The keys in the elements of a list whose values are never printed.
    let secretMembers: [String]
    /// The default when unset, if it depends on other keys or the machine.
    var standing: String?

    /// The value in YAML on one line.
    package var text: String {
        guard let content else { return standing ?? "(not set)" }
        return isSecret ? "(secret)" : content.hiding(secretMembers).text
    }
}

extension EffectiveValue {
    /// The values of all keys that have an effect, in declaration order.
    static func all(in root: ConfigurationEntry) -> [EffectiveValue] {
        all(root, RegistryKeys.all, [])
    }

    private static func all(_ entry: ConfigurationEntry?, _ keys: [Key], _ path: [String]) -> [EffectiveValue] {
        keys.flatMap { key -> [EffectiveValue] in
            guard case .used = key.support else { return [] }
            var value = entry?[key.name]
            let path = path + [key.name]
            let preset: ConfigurationEntry?
            switch key.shape {
            case .section(let keys): return all(value, keys, path)
            case .kinds(let keys, _):
                value?.nameKind()
                return all(value, keys, path)
            case .value(_, let text): preset = text.map { ConfigurationEntry(.text($0), .preset) }
            case .texts, .textsByName, .textByName, .sections, .anything: preset = nil
            }
            if value?.content == .nothing { value = nil }
            return [
                EffectiveValue(
                    key: path.joined(separator: "."),
                    content: value ?? preset,
                    origin: value?.origin ?? .preset,
                    isSecret: key.isSecret,
                    secretMembers: key.shape.secretMembers
                )
            ]
        }
    }
}

extension KeyShape {
    /// The secret keys in the elements of a list.
    fileprivate var secretMembers: [String] {
        if case .sections(let keys) = self { keys.filter(\.isSecret).map(\.name) } else { [] }
    }
}

extension ConfigurationEntry {
    /// The list with the values of some keys of its elements hidden.
    fileprivate func hiding(_ secrets: [String]) -> ConfigurationEntry {
        guard !secrets.isEmpty, case .list(var elements) = content else { return self }
        for index in elements.indices {
            for key in secrets where elements[index][key] != nil {
                elements[index][key]?.content = .text("(secret)")
            }
        }
        return ConfigurationEntry(.list(elements), origin)
    }

    /// The entry on one line, in YAML's flow style.
    fileprivate var text: String {
        switch content {
        case .nothing: "null"
        case .text(let text): text.isEmpty ? "\"\"" : text
        case .list(let entries): "[\(entries.map(\.text).joined(separator: ", "))]"
        case .map(let members): "{\(members.map { "\($0.key): \($0.value.text)" }.joined(separator: ", "))}"
        }
    }
}
