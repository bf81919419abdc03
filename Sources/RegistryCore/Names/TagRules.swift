import Synchronization

/// The operator's rules about tags, which can be replaced while the registry runs.
package final class TagRules: Sendable {
    /// The rules themselves.
    package struct Content: Sendable, Equatable {
        /// Which tags are immutable.
        package var immutability: [ImmutabilityRule]
        /// What repositories keep.
        package var retention: [RetentionRule]

        package init(immutability: [ImmutabilityRule] = [], retention: [RetentionRule] = []) {
            self.immutability = immutability
            self.retention = retention
        }
    }

    private let current: Mutex<Content>

    /// Begins with the rules in `content`.
    package init(_ content: Content = Content()) { current = Mutex(content) }

    /// The rules now.
    package var content: Content { current.withLock { $0 } }

    /// Replaces all rules. Requests that have been checked already are finished by the old ones.
    package func replace(with content: Content) { current.withLock { $0 = content } }

    /// The rule that makes a tag immutable, by its names in either protocol; nil if there is none.
    func protection(of tag: String, in repository: String) -> ImmutabilityRule? {
        current.withLock { content in content.immutability.first { $0.covers(tag, in: repository) } }
    }
}

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
