/// The operator's settings for access control. By default, everyone may do everything that the server supports.
package struct AccessSettings: Sendable {
    /// How clients authenticate: `auth`. Nil for no authentication.
    package var authentication: Authentication?
    /// The access rules: `access`. When nil, logged-in users may do everything, or with ``Authentication/token(_:)``
    /// whatever their token allows.
    package var rules: AccessRules?
    /// A file with more groups in Apache's format, `NAME: USER USER …` per line: `access-groups`.
    package var groupsPath: String?
    /// Whether `/v1/search` needs no login: `legacy.search-without-login`. It then finds the repositories that every
    /// logged-in user may pull. Docker 1.3, 1.5 and 1.7 send no credentials with a search.
    package var allowsSearchWithoutLogin = false

    /// How clients authenticate.
    package enum Authentication: Sendable {
        /// By a user and password from a file: `auth.htpasswd`.
        case htpasswd(HtpasswdSettings)
        /// By a token from another service: `auth.token`. v1 clients, which have no such tokens, are anonymous.
        case token(TokenSettings)
    }

    package init() {}
}

/// `auth.htpasswd`: users and passwords in a file.
package struct HtpasswdSettings: Sendable, Equatable {
    /// The realm that clients show when they ask for a password: `realm`.
    package var realm: String
    /// The file, in any format that Apache's htpasswd writes: `path`. It is reread when it changes. While it does not
    /// exist, nobody can log in.
    package var path: String

    package init(realm: String, path: String) {
        self.realm = realm
        self.path = path
    }
}

/// `auth.token`: another service grants permissions in signed JSON Web Tokens.
package struct TokenSettings: Sendable, Equatable {
    /// The URL where clients get tokens: `realm`.
    package var realm: String
    /// The audience that tokens must be for: `service`, one of the token's `aud`.
    package var service: String
    /// The issuer that tokens must be from: `issuer`, the token's `iss`.
    package var issuer: String
    /// The PEM file with certificates of the signing keys or of their issuers: `rootcertbundle`.
    package var certificatesPath: String?
    /// The signing keys as a JSON Web Key Set: `jwks`.
    package var keySetPath: String?
    /// The accepted algorithms: `signingalgorithms`. Empty for all that are supported.
    package var algorithms: [String] = []
    /// Whether clients are sent to ``redirectPath`` on this server for tokens: `autoredirect`.
    package var redirectsToOwnHost = false
    /// The path for ``redirectsToOwnHost``: `autoredirectpath`.
    package var redirectPath = "/auth/token"

    package init(realm: String, service: String, issuer: String) {
        self.realm = realm
        self.service = service
        self.issuer = issuer
    }
}

/// Tokens cannot be verified with the operator's settings.
package enum UnusableTokenSettings: Error, Equatable, CustomStringConvertible {
    /// The algorithm is unknown or not supported.
    case algorithm(String)
    /// The file contains no keys, or unusable ones.
    case keys(path: String, reason: String)
    /// There is neither a certificate nor a key.
    case noKeys

    package var description: String {
        switch self {
        case .algorithm(let name): "tokens cannot be verified: '\(name)' is not a supported algorithm"
        case .keys(let path, let reason): "tokens cannot be verified: \(path): \(reason)"
        case .noKeys: "tokens cannot be verified: there is neither a certificate in rootcertbundle nor a key in jwks"
        }
    }
}
