/// The possible values of a key.
indirect enum KeyShape: Sendable {
    /// A mapping with a fixed set of keys.
    case section([Key])
    /// A mapping in which one key selects a kind; the kind may also be given alone, as a scalar. Any other key is an
    /// unsupported kind, refused with `refusal`.
    case kinds([Key], refusal: String)
    /// A scalar.
    case value(ValueKind, preset: String?)
    /// A list of scalars.
    case texts
    /// A mapping of arbitrary keys to lists of scalars.
    case textsByName
    /// A mapping of arbitrary keys to scalars.
    case textByName
    /// A list whose elements are mappings with these keys, or scalars that abbreviate one.
    case sections([Key])
    /// Any value; it is not checked.
    case anything
}

/// A key of the configuration.
struct Key: Sendable {
    /// Whether a key has an effect.
    enum Support: Sendable {
        case used
        /// Not needed, and accepted silently.
        case unneeded
        /// Without effect, reported with the reason.
        case ignored(String)
        /// Not supported, and not safe to ignore: the server does not start, for this reason.
        case refused(String)
    }

    /// The name in a file.
    let name: String
    /// The name registry:2 uses in variables, if different.
    var variable: String?
    let shape: KeyShape
    var support = Support.used
    /// Whether its value is never printed.
    var isSecret = false

    init(
        _ name: String,
        variable: String? = nil,
        _ shape: KeyShape,
        _ support: Support = .used,
        isSecret: Bool = false
    ) {
        self.name = name
        self.variable = variable
        self.shape = shape
        self.support = support
        self.isSecret = isSecret
    }

    /// The name in variables, in capitals and without dashes, which shells do not allow.
    var nameInVariables: String { (variable ?? name).uppercased().filter { $0 != "-" } }

    static func flag(_ name: String, _ preset: Bool?, _ support: Support = .used) -> Key {
        Key(name, .value(.flag, preset: preset.map { "\($0)" }), support)
    }

    static func text(_ name: String, _ preset: String? = nil, _ support: Support = .used) -> Key {
        Key(name, .value(.text, preset: preset), support)
    }

    static func duration(_ name: String, _ preset: String?, _ support: Support = .used) -> Key {
        Key(name, .value(.duration, preset: preset), support)
    }

    static func number(_ name: String, _ range: ClosedRange<Int>, _ preset: String?) -> Key {
        Key(name, .value(.number(range), preset: preset))
    }

    static func choice(_ name: String, _ choices: [String], _ preset: String?) -> Key {
        Key(name, .value(.choice(choices), preset: preset))
    }

    static func section(_ name: String, _ keys: [Key]) -> Key { Key(name, .section(keys)) }
}

/// The full names of all keys.
enum KeyPaths {
    /// As in a file: `http.tls.certificate`.
    static let all = paths(RegistryKeys.all, separator: ".") { $0.name }
    /// As in variables, without the prefix: `HTTP_TLS_CERTIFICATE`.
    static let variables = paths(RegistryKeys.all, separator: "_", \.nameInVariables)

    private static func paths(_ keys: [Key], separator: String, _ name: (Key) -> String) -> [String] {
        keys.flatMap { key in
            switch key.shape {
            case .section(let keys), .kinds(let keys, _):
                return [name(key)] + paths(keys, separator: separator, name).map { name(key) + separator + $0 }
            case .value, .texts, .textsByName, .textByName, .sections, .anything: return [name(key)]
            }
        }
    }
}
