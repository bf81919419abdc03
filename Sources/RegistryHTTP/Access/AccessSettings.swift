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
