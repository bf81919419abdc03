/// What the operator chose of who may do what. Without any of it everyone may do everything that the server does.
package struct AccessSettings: Sendable {
    /// How clients show who they are: `auth`. Nil when nobody is asked.
    package var authentication: Authentication?
    /// Who may do what: `access`. Nil when there is no list: then whoever is logged in may do everything, and under
    /// ``Authentication/token(_:)`` whatever the token says.
    package var rules: AccessRules?
    /// A file with further groups in Apache's form, `NAME: USER USER …` a line: `access-groups`.
    package var groupsPath: String?
    /// Whether `/v1/search` is answered without a login: `legacy.search-without-login`. It then shows the repositories
    /// that everyone who is logged in may pull. Docker 1.3, 1.5 and 1.7 send no credentials with a search.
    package var allowsSearchWithoutLogin = false

    /// How clients show who they are.
    package enum Authentication: Sendable {
        /// By a user and a password of a file: `auth.htpasswd`.
        case htpasswd(HtpasswdSettings)
        /// By a token that another service has issued: `auth.token`. v1, which has no such thing, is anonymous.
        case token(TokenSettings)
    }

    package init() {}
}

/// `auth.htpasswd`: users and their passwords stand in a file.
package struct HtpasswdSettings: Sendable, Equatable {
    /// What clients show when they ask for a password: `realm`.
    package var realm: String
    /// The file, in any form that Apache's htpasswd writes: `path`. It is read again when it changes. Where it is missing
    /// nobody can log in, until it is there.
    package var path: String

    package init(realm: String, path: String) {
        self.realm = realm
        self.path = path
    }
}

/// `auth.token`: another service says, in signed JSON Web Tokens, who may do what.
package struct TokenSettings: Sendable, Equatable {
    /// Where clients get tokens: `realm`, an address.
    package var realm: String
    /// What tokens must be meant for: `service`, one of the token's `aud`.
    package var service: String
    /// Who must have issued them: `issuer`, the token's `iss`.
    package var issuer: String
    /// The certificates, in PEM, of the keys that sign or of those that vouch for them: `rootcertbundle`.
    package var certificatesPath: String?
    /// The keys that sign as a JSON Web Key Set: `jwks`.
    package var keySetPath: String?
    /// The algorithms that are accepted: `signingalgorithms`. Empty for all that are known.
    package var algorithms: [String] = []
    /// Whether clients are sent to this server's own address, at ``redirectPath``, for tokens: `autoredirect`.
    package var redirectsToOwnHost = false
    /// The path of ``redirectsToOwnHost``: `autoredirectpath`.
    package var redirectPath = "/auth/token"

    package init(realm: String, service: String, issuer: String) {
        self.realm = realm
        self.service = service
        self.issuer = issuer
    }
}

/// Why tokens cannot be verified as the operator wants it.
package enum UnusableTokenSettings: Error, Equatable, CustomStringConvertible {
    /// There is no such algorithm, or it is none that is accepted here.
    case algorithm(String)
    /// The file holds no keys, or some that cannot be used.
    case keys(path: String, reason: String)
    /// There is neither a certificate nor a key.
    case noKeys

    package var description: String {
        switch self {
        case .algorithm(let name): "tokens cannot be verified: '\(name)' is not an algorithm that is known"
        case .keys(let path, let reason): "tokens cannot be verified: \(path): \(reason)"
        case .noKeys: "tokens cannot be verified: there is neither a certificate in rootcertbundle nor a key in jwks"
        }
    }
}
