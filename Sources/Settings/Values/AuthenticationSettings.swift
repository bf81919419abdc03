/// How users authenticate: `auth`.
package enum AuthenticationSettings: Hashable, Sendable {
    /// By name and password from an htpasswd file.
    case htpasswd(realm: String, path: String)
    /// By a token from another service.
    case token(Token)

    /// Nil for no authentication.
    init?(_ reader: ValueReader) {
        if let path = reader.text("auth.htpasswd.path") {
            self = .htpasswd(realm: reader.text("auth.htpasswd.realm") ?? "", path: path)
        } else if let token = Token(reader) {
            self = .token(token)
        } else {
            return nil
        }
    }
}

extension AuthenticationSettings {
    /// The token service to trust: `auth.token`.
    package struct Token: Hashable, Sendable {
        /// The URL where clients get tokens.
        package var realm: String
        /// The name of this registry at the token service.
        package var service: String
        /// The issuer in the tokens.
        package var issuer: String
        /// The file with the certificates of the signing keys.
        package var rootCertificateBundle: String?
        /// The file with the signing keys.
        package var keySet: String?
        /// The accepted signing algorithms; empty for all that are supported.
        package var algorithms: [String]
        /// Whether clients are sent to this server's own address for tokens.
        package var redirectsToOwnHost: Bool
        /// The path of the token service there; nil for the default.
        package var redirectPath: String?

        /// Nil without a realm.
        init?(_ reader: ValueReader) {
            guard let realm = reader.text("auth.token.realm") else { return nil }
            self.realm = realm
            service = reader.text("auth.token.service") ?? ""
            issuer = reader.text("auth.token.issuer") ?? ""
            rootCertificateBundle = reader.text("auth.token.rootcertbundle")
            keySet = reader.text("auth.token.jwks")
            algorithms = reader.texts("auth.token.signingalgorithms")
            redirectsToOwnHost = reader.flag("auth.token.autoredirect")
            redirectPath = reader.text("auth.token.autoredirectpath")
        }
    }
}
