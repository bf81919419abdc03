/// One element of the list of who may do what: `access`.
package enum AccessEntry: Hashable, Sendable {
    /// A rule in one line.
    case line(String)
    /// A rule in keys.
    case rule(Rule)

    /// What a rule says, as it was written.
    package struct Rule: Hashable, Sendable {
        /// Whom it speaks of.
        package var users: [String]
        /// The groups that it speaks of.
        package var groups: [String]
        /// Whether it speaks of everyone.
        package var isForEveryone: Bool
        /// The patterns of the repositories that it speaks of; empty for all.
        package var repositories: [String]
        /// What may be done.
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
