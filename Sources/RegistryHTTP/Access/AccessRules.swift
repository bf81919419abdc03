/// The list of who may do what.
///
/// What any rule allows is allowed, in whatever order the rules stand; nothing forbids. What no rule allows is refused:
/// an empty list lets nobody do anything.
package struct AccessRules: Sendable, Equatable {
    /// The rules.
    package let rules: [AccessRule]
    /// The members of each group, as the list itself has them.
    package let groups: [String: Set<String>]

    package init(_ rules: [AccessRule], groups: [String: Set<String>] = [:]) {
        self.rules = rules
        self.groups = groups
    }

    /// The rules that speak of somebody.
    ///
    /// - Parameters:
    ///   - user: Who it is; nil for someone who is not logged in.
    ///   - groups: The groups of a file that the user is in.
    func rules(for user: String?, in groups: Set<String> = []) -> [AccessRule] {
        rules.filter { rule in
            rule.subjects.contains { subject in
                switch subject {
                case .everyone: true
                case .anyUser: user != nil
                case .user(let name): name == user
                case .group(let group): isMember(user, of: group) || (user != nil && groups.contains(group))
                }
            }
        }
    }

    /// Whether someone who is not logged in may do anything at all.
    var welcomesAnonymous: Bool { rules.contains { $0.subjects.contains(.everyone) && !$0.actions.isEmpty } }

    private func isMember(_ user: String?, of group: String) -> Bool {
        user.map { groups[group]?.contains($0) == true } ?? false
    }
}
