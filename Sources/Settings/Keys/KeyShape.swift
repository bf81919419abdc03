/// What may be written for a key.
indirect enum KeyShape: Sendable {
    /// A mapping whose keys are known.
    case section([Key])
    /// A mapping in which one of the keys says the kind; the kind may stand alone, as a text. Any other key is a kind
    /// that there is not, and `refusal` says so.
    case kinds([Key], refusal: String)
    /// One text.
    case value(ValueKind, preset: String?)
    /// Texts.
    case texts
    /// A mapping of any keys to texts.
    case textsByName
    /// A mapping of any keys, with a text each.
    case textByName
    /// A list of mappings, each of which has these keys, or of texts that say the same.
    case sections([Key])
    /// Anything: nothing is made of it here.
    case anything
}

/// A key of the configuration.
struct Key: Sendable {
    /// What becomes of what is written for a key.
    enum Support: Sendable {
        /// It has an effect.
        case used
        /// It is not needed, and may stand there.
        case unneeded
        /// It has no effect, for this reason, which its author should know.
        case ignored(String)
        /// Without it the server would be another one: it does not start, for this reason.
        case refused(String)
    }

    /// How it is written in a file.
    let name: String
    /// How registry:2 calls it in variables, where that is not its name.
    var variable: String?
    let shape: KeyShape
    var support = Support.used
    /// Whether its value is shown to nobody.
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

    /// How it is written in the name of a variable: dashes left out, which the shell has no variables with.
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

/// The keys that there are, by their whole names.
enum KeyPaths {
    /// As they are written: `http.tls.certificate`.
    static let all = paths(RegistryKeys.all, separator: ".") { $0.name }
    /// As they are written in the names of variables, without the prefix: `HTTP_TLS_CERTIFICATE`.
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
