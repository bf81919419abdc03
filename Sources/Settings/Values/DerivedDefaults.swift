/// Defaults that depend on other keys or on the machine.
struct DerivedDefaults {
    private let settings: RegistrySettings
    private let reader: ValueReader

    init(_ settings: RegistrySettings, _ reader: ValueReader) {
        self.settings = settings
        self.reader = reader
    }

    /// The default, or in parentheses what determines it; nil for a key that is simply not set.
    func text(of key: String) -> String? {
        switch key {
        case "log.level": return settings.log.level
        case "storage.delete.enabled": return "false"
        case "legacy.delete": return v1Delete
        case "legacy.convert": return "(background where layers can be hard links, else on-access)"
        case "http.limits.connections": return "(two thirds of the open-files limit)"
        case "http.host": return "(the address that a request was sent to)"
        case "http.ui.enabled": return page
        case "http.tls.minimumtls": return settings.http.tls.map { $0.acceptsOldClients ? "tls1.0" : "tls1.2" }
        case "http.tls.ciphersuites":
            return settings.http.tls.map { "(those of the profile \($0.acceptsOldClients ? "old" : "default"))" }
        case "auth.token.autoredirectpath":
            return reader.flag("auth.token.autoredirect") ? "/auth/token" : nil
        case "auth.token.signingalgorithms":
            if case .token = settings.authentication { return "(all supported)" }
            return nil
        case "access":
            return settings.authentication == nil ? "(everyone may do everything)" : "(every user may do everything)"
        case "immutable": return "(no tag is immutable)"
        case "retention": return "(everything is kept)"
        default: return nil
        }
    }

    private var page: String {
        switch settings.pageAudience {
        case .everybody: "true"
        case .direct: "(true, except through a proxy)"
        case .nobody: "false"
        }
    }

    private var v1Delete: String {
        switch settings.storage.allowsDeletes {
        case true: "true"
        case false: "false"
        case nil where settings.isOperatorsFile: "false"
        case nil: "(true in a new directory or docker-registry's, else false)"
        }
    }
}
