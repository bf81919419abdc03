/// A rule about what a repository keeps; everything that a rule which applies to it does not keep is removed.
///
/// If several rules apply to a repository, it keeps what any of them keeps.
package struct RetentionRule: Sendable, Hashable {
    /// The repositories that the rule applies to: `repositories`; all if empty.
    package let repositories: [RepositoryPattern]
    /// How many of the tags that were pushed last it keeps: `keep.last`; nil for none.
    package let lastCount: Int?
    /// The age up to which it keeps tags: `keep.younger`; nil for none.
    package let youngerAge: Duration?
    /// The tags that it always keeps: `keep.tags`.
    package let tags: [NamePattern]
    /// The age at which it removes untagged manifests: `untagged`; nil to keep them.
    package let untaggedAge: Duration?

    /// - Returns: Nil without a clause that keeps tags: such a rule would delete all of them.
    package init?(
        repositories: [RepositoryPattern] = [],
        lastCount: Int? = nil,
        youngerAge: Duration? = nil,
        tags: [NamePattern] = [],
        untaggedAge: Duration? = nil
    ) {
        guard lastCount != nil || youngerAge != nil || !tags.isEmpty else { return nil }
        self.repositories = repositories
        self.lastCount = lastCount
        self.youngerAge = youngerAge
        self.tags = tags
        self.untaggedAge = untaggedAge
    }

    /// Whether the rule applies to a repository.
    package func applies(to repository: String) -> Bool {
        repositories.isEmpty || repositories.contains { $0.matches(repository) }
    }
}

extension [RetentionRule] {
    /// The rules that apply to a repository.
    package func applying(to repository: String) -> [RetentionRule] { filter { $0.applies(to: repository) } }

    /// The age at which all rules that apply to a repository let an untagged manifest be removed; nil if one of them
    /// keeps it, or none applies.
    package func untaggedAge(in repository: String) -> Duration? {
        let rules = applying(to: repository)
        let ages = rules.compactMap(\.untaggedAge)
        return ages.count == rules.count ? ages.max() : nil
    }
}
