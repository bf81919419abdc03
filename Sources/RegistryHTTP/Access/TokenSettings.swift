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
