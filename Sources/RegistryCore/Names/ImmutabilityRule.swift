/// A rule that makes tags immutable: once such a tag exists, it is neither pointed elsewhere nor deleted.
package struct ImmutabilityRule: Sendable, Hashable, CustomStringConvertible {
    /// The repositories that the rule applies to: `repositories`; all if empty.
    package let repositories: [RepositoryPattern]
    /// The tags that it makes immutable: `tags`; all if empty.
    package let tags: [NamePattern]

    package init(repositories: [RepositoryPattern], tags: [NamePattern]) {
        self.repositories = repositories
        self.tags = tags
    }

    /// The patterns, as in `team/* v*`.
    package var description: String {
        func text(_ patterns: [String]) -> String { patterns.isEmpty ? "*" : patterns.joined(separator: ",") }
        return "\(text(repositories.map(\.description))) \(text(tags.map(\.description)))"
    }

    /// Whether the rule applies to a repository, by its name in either protocol.
    package func applies(to repository: String) -> Bool {
        repositories.isEmpty || repositories.contains { $0.matches(repository) }
    }

    /// Whether the rule makes a tag of a repository immutable.
    package func covers(_ tag: String, in repository: String) -> Bool {
        applies(to: repository) && (tags.isEmpty || tags.contains { $0.matches(tag) })
    }
}
