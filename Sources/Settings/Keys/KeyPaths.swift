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
