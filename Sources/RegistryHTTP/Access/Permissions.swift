/// What whoever sent a request may do.
struct Permissions: Sendable {
    private enum Extent: Sendable {
        /// Everything: nobody asks who it is, or there is no list.
        case everything
        /// What one of these rules allows.
        case rules([AccessRule])
        /// What a token allows, and one of these rules too, where there are any.
        case token(TokenGrants, rules: [AccessRule]?, anonymous: [AccessRule])
    }

    /// Who it is; nil for someone who is not logged in.
    let user: String?
    private let extent: Extent

    /// Of everyone, where nobody is asked who they are.
    static let unlimited = Permissions(user: nil, extent: .everything)

    /// Of everyone, where nothing needs to be allowed.
    static let nothing = Permissions(user: nil, extent: .rules([]))

    private init(user: String?, extent: Extent) {
        self.user = user
        self.extent = extent
    }

    /// Of someone to whom a list of rules applies; nil for no list, where a login is all that is needed.
    init(of user: String?, rules: [AccessRule]?) {
        self.init(user: user, extent: rules.map { .rules($0) } ?? (user == nil ? .rules([]) : .everything))
    }

    /// Of someone who is not logged in, and is shown what every user is.
    init(ofAnyUserBy rules: AccessRules?, isWithoutTokens: Bool) {
        let shown = rules?.rules.filter { !$0.subjects.isDisjoint(with: [.everyone, .anyUser]) }
        self.init(user: nil, extent: shown.map { .rules($0) } ?? (isWithoutTokens ? .everything : .rules([])))
    }

    /// Of the bearer of a token.
    ///
    /// - Parameters:
    ///   - rules: What applies to the user too; nil for no list.
    ///   - anonymous: What everyone may do, whatever a token says.
    init(of user: String?, token: TokenGrants, rules: [AccessRule]?, anonymous: [AccessRule]) {
        self.init(user: user, extent: .token(token, rules: rules, anonymous: anonymous))
    }

    /// Whether an action on a repository, in either spelling of its name, is allowed.
    func allows(_ action: AccessAction, _ repository: String) -> Bool {
        switch extent {
        case .everything: true
        case .rules(let rules): rules.allow(action, repository)
        case .token(let token, let rules, let anonymous):
            anonymous.allow(action, repository)
                || (token.allows(action, repository) && rules?.allow(action, repository) ?? true)
        }
    }

    /// Whether an action is allowed whichever way a name is spelled: `X` and `library/X`, of which a pull may mean either.
    ///
    /// Rules speak of both; a token names one.
    func allowsBothSpellings(_ action: AccessAction, _ repository: String) -> Bool {
        guard case .token = extent else { return true }
        let prefix = "library/"
        let other = repository.hasPrefix(prefix) ? String(repository.dropFirst(prefix.count)) : prefix + repository
        return allows(action, other)
    }

    /// Whether it is what a token lacks that forbids an action: another token may allow it.
    func lacksScope(for action: AccessAction, _ repository: String) -> Bool {
        guard case .token(let token, let rules, let anonymous) = extent, !anonymous.allow(action, repository) else {
            return false
        }
        return !token.allows(action, repository) && rules?.allow(action, repository) ?? true
    }

    /// Whether an action is allowed on every repository that there is or could be.
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

    /// Whether the list of all repositories may be asked for. It shows what may be pulled.
    var allowsCatalogue: Bool {
        switch extent {
        case .everything: true
        case .rules(let rules): user != nil || rules.contains { $0.actions.contains(.pull) }
        case .token(let token, _, let anonymous):
            token.allowsCatalogue || anonymous.contains { $0.actions.contains(.pull) }
        }
    }

    /// Whether the list of all repositories shows one of them.
    func lists(_ repository: String) -> Bool {
        // Whom a token lets see the catalogue it lets see all of it, as registry:2 does.
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
    /// Whether it speaks of every repository.
    fileprivate var speaksOfAll: Bool { repositories.isEmpty || repositories.contains { $0.description == "*" } }
}
