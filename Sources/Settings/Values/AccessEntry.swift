/// An element of the access rules: `access`.
package enum AccessEntry: Hashable, Sendable {
    /// A rule in one line.
    case line(String)
    /// A rule in keys.
    case rule(Rule)

    /// A rule as written.
    package struct Rule: Hashable, Sendable {
        /// The users it applies to.
        package var users: [String]
        /// The groups it applies to.
        package var groups: [String]
        /// Whether it applies to everyone.
        package var isForEveryone: Bool
        /// The patterns of repositories it applies to; empty for all.
        package var repositories: [String]
        /// The allowed actions.
        package var actions: [String]
    }

    static func all(in list: ConfigurationEntry) -> [AccessEntry] {
        guard case .list(let elements) = list.content else { return [] }
        return elements.map { element in
            if case .text(let text) = element.content { return .line(text) }
            return .rule(
                Rule(
                    users: element["users"]?.texts ?? [],
                    groups: element["groups"]?.texts ?? [],
                    isForEveryone: element["anonymous"]?.texts.first.flatMap(ValueKind.flag) ?? false,
                    repositories: element["repositories"]?.texts ?? [],
                    actions: element["actions"]?.texts ?? []
                )
            )
        }
    }
}
