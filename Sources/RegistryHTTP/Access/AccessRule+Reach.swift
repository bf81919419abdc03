extension AccessRule {
    /// Why a rule can never allow anybody anything, as the end of a sentence; nil when it can.
    ///
    /// - Parameters:
    ///   - hasLogin: Whether there are users at all.
    ///   - groups: The groups that there are; nil when a file has further ones.
    package func futility(hasLogin: Bool, groups: Set<String>?) -> String? {
        if !subjects.contains(.everyone), !hasLogin {
            return "it speaks of users, and nobody can log in: auth is missing"
        }
        let reachable = subjects.filter { Self.isReachable($0, groups) }
        if reachable.isEmpty, let subject = subjects.first { return Self.futility(of: subject) }
        if !repositories.isEmpty, repositories.allSatisfy({ $0.obstacle != nil }), let pattern = repositories.first {
            return "no repository can have a name that fits '\(pattern)', which \(pattern.obstacle ?? "")"
        }
        return nil
    }

    private static func isReachable(_ subject: Subject, _ groups: Set<String>?) -> Bool {
        switch subject {
        case .everyone, .anyUser: true
        case .user(let name): HtpasswdDocument.isName(name)
        case .group(let name): groups?.contains(name) ?? true
        }
    }

    private static func futility(of subject: Subject) -> String {
        switch subject {
        case .everyone, .anyUser: ""
        case .user(let name): "no user can be called '\(name)'"
        case .group(let name): "there is no group '\(name)' in access-groups"
        }
    }
}

extension RepositoryPattern {
    /// What keeps every name from fitting, as the end of a sentence; nil when a name can fit.
    fileprivate var obstacle: String? {
        if description.isEmpty { return "is empty" }
        if description.hasPrefix("/") || description.hasSuffix("/") { return "begins or ends with a slash" }
        if description.contains("//") { return "has two slashes in a row" }
        if description.contains(":") { return "has a colon: rules are over repositories, not over tags or hosts" }
        return description.contains { $0.isWhitespace || $0 == "@" } ? "has characters that no name has" : nil
    }
}
