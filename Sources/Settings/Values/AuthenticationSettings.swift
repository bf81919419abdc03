/// How users show who they are: `auth`.
package enum AuthenticationSettings: Hashable, Sendable {
    /// With a name and a password of a file.
    case htpasswd(realm: String, path: String)
    /// With a token of another service.
    case token(Token)

    /// Nil when nobody needs to.
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
    /// Whose tokens are believed: `auth.token`.
    package struct Token: Hashable, Sendable {
        /// The address at which clients get them.
        package var realm: String
        /// The name of this registry to the service.
        package var service: String
        /// The name by which the service signs.
        package var issuer: String
        /// The file of the certificates of its keys.
        package var rootCertificateBundle: String?
        /// The file of its keys.
        package var keySet: String?
        /// The algorithms of signatures that are accepted; empty for all that are known.
        package var algorithms: [String]
        /// Whether clients are sent to this server's own address for tokens.
        package var redirectsToOwnHost: Bool
        /// The path there; nil for the usual one.
        package var redirectPath: String?

        /// Nil when there is no realm.
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
