import RegistryCore

/// The permissions of a caller.
struct Permissions: Sendable {
    private enum Extent: Sendable {
        /// Everything: there is no access control, or no rules.
        case everything
        /// What one of these rules allows.
        case rules([AccessRule])
        /// What a token allows and, if there are rules, one of the rules allows too.
        case token(TokenGrants, rules: [AccessRule]?, anonymous: [AccessRule])
    }

    /// The user; nil for a caller who is not logged in.
    let user: String?
    private let extent: Extent

    /// The permissions of everyone without access control.
    static let unlimited = Permissions(user: nil, extent: .everything)

    /// No permissions, for requests that need none.
    static let nothing = Permissions(user: nil, extent: .rules([]))

    private init(user: String?, extent: Extent) {
        self.user = user
        self.extent = extent
    }

    /// The permissions of a caller by rules. Without rules, a login is all that is needed.
    init(of user: String?, rules: [AccessRule]?) {
        self.init(user: user, extent: rules.map { .rules($0) } ?? (user == nil ? .rules([]) : .everything))
    }

    /// The permissions of an anonymous caller who is shown what every user may see.
    init(ofAnyUserBy rules: AccessRules?, isWithoutTokens: Bool) {
        let shown = rules?.rules.filter { !$0.subjects.isDisjoint(with: [.everyone, .anyUser]) }
        self.init(user: nil, extent: shown.map { .rules($0) } ?? (isWithoutTokens ? .everything : .rules([])))
    }

    /// The permissions of the bearer of a token.
    ///
    /// - Parameters:
    ///   - rules: The rules that also apply to the user; nil for no rules.
    ///   - anonymous: The rules for everyone, which apply regardless of tokens.
    init(of user: String?, token: TokenGrants, rules: [AccessRule]?, anonymous: [AccessRule]) {
        self.init(user: user, extent: .token(token, rules: rules, anonymous: anonymous))
    }

    /// Whether an action is allowed on a repository, in either spelling of its name.
    func allows(_ action: AccessAction, _ repository: String) -> Bool {
        switch extent {
        case .everything: true
        case .rules(let rules): rules.allow(action, repository)
        case .token(let token, let rules, let anonymous):
            anonymous.allow(action, repository)
                || (token.allows(action, repository) && rules?.allow(action, repository) ?? true)
        }
    }

    /// Whether the other spelling of a name is allowed as well: a pull of `X` may mean `library/X`, and vice versa.
    ///
    /// Rules apply to both spellings; a token names one.
    func allowsBothSpellings(_ action: AccessAction, _ repository: String) -> Bool {
        guard case .token = extent else { return true }
        let prefix = "library/"
        let other = repository.hasPrefix(prefix) ? String(repository.dropFirst(prefix.count)) : prefix + repository
        return allows(action, other)
    }

    /// Whether an action is refused only because the token lacks its scope: another token may allow it.
    func lacksScope(for action: AccessAction, _ repository: String) -> Bool {
        guard case .token(let token, let rules, let anonymous) = extent, !anonymous.allow(action, repository) else {
            return false
        }
        return !token.allows(action, repository) && rules?.allow(action, repository) ?? true
    }

    /// Whether an action is allowed on every existing and future repository.
    func allowsEverywhere(_ action: AccessAction) -> Bool {
        switch extent {
        case .everything: true
        case .rules(let rules): rules.contains { $0.actions.contains(action) && $0.speaksOfAll }
        case .token(_, _, let anonymous): anonymous.contains { $0.actions.contains(action) && $0.speaksOfAll }
        }
    }

    /// Whether an action may be allowed on some repository.
    func allowsSomewhere(_ action: AccessAction) -> Bool {
        switch extent {
        case .everything: true
        case .rules(let rules): rules.contains { $0.actions.contains(action) }
        case .token(let token, _, let anonymous):
            anonymous.contains { $0.actions.contains(action) } || token.allowsSomewhere(action)
        }
    }

    /// Whether repositories may be listed. The list shows those that may be pulled.
    var allowsCatalogue: Bool {
        switch extent {
        case .everything: true
        case .rules(let rules): user != nil || rules.contains { $0.actions.contains(.pull) }
        case .token(let token, _, let anonymous):
            token.allowsCatalogue || anonymous.contains { $0.actions.contains(.pull) }
        }
    }

    /// Whether the caller is an operator: a rule says so, and a login proved who they are.
    var allowsAdministration: Bool {
        guard user != nil, case .rules(let rules) = extent else { return false }
        return rules.contains(where: \.grantsAdministration)
    }

    /// Whether the list of repositories includes one of them.
    func lists(_ repository: String) -> Bool {
        // A token that grants the catalogue grants all of it, as in registry:2.
        if case .token(let token, let rules, _) = extent, token.allowsCatalogue {
            return rules?.allow(.pull, repository) ?? true
        }
        return allows(.pull, repository)
    }
}

extension [AccessRule] {
    /// Whether one of the rules allows an action on a repository.
    fileprivate func allow(_ action: AccessAction, _ repository: String) -> Bool {
        contains { rule in
            rule.actions.contains(action)
                && (rule.repositories.isEmpty || rule.repositories.contains { $0.matches(repository) })
        }
    }
}

extension AccessRule {
    /// Whether the rule applies to every repository.
    fileprivate var speaksOfAll: Bool { repositories.isEmpty || repositories.contains { $0.description == "*" } }
}
