import RegistryCore

extension AccessRule {
    /// Why a rule can never allow anything, as the end of a sentence; nil when it can.
    ///
    /// - Parameters:
    ///   - hasLogin: Whether there are users at all.
    ///   - groups: The groups that exist; nil when a file defines more.
    package func futility(hasLogin: Bool, groups: Set<String>?) -> String? {
        if !subjects.contains(.everyone), !hasLogin {
            return "it applies to users, but nobody can log in: auth is missing"
        }
        let reachable = subjects.filter { Self.isReachable($0, groups) }
        if reachable.isEmpty, let subject = subjects.first { return Self.futility(of: subject) }
        if !repositories.isEmpty, repositories.allSatisfy({ $0.obstacle != nil }), let pattern = repositories.first {
            return "no repository name can match '\(pattern)', which \(pattern.obstacle ?? "")"
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
        case .user(let name): "'\(name)' is not a valid user name"
        case .group(let name): "there is no group '\(name)' in access-groups"
        }
    }
}
