/// The list of access rules.
///
/// An action is allowed if any rule allows it, in any order; rules never forbid. Without a matching rule it is refused,
/// so an empty list refuses everything.
package struct AccessRules: Sendable, Equatable {
    /// The rules, in any order.
    package let rules: [AccessRule]
    /// The members of each group defined along with the rules.
    package let groups: [String: Set<String>]

    package init(_ rules: [AccessRule], groups: [String: Set<String>] = [:]) {
        self.rules = rules
        self.groups = groups
    }

    /// The rules that apply to a user.
    ///
    /// - Parameters:
    ///   - user: The user; nil for a caller who is not logged in.
    ///   - groups: The user's groups from the groups file.
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

    /// Whether callers who are not logged in may do anything at all.
    var welcomesAnonymous: Bool { rules.contains { $0.subjects.contains(.everyone) && !$0.actions.isEmpty } }

    private func isMember(_ user: String?, of group: String) -> Bool {
        user.map { groups[group]?.contains($0) == true } ?? false
    }
}
