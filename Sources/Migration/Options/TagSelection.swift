import RegistryCore

/// The selection of tags to migrate.
package struct TagSelection: Sendable {
    /// Globs for `repository:tag` or `repository`. Unless empty, a tag must match one of them.
    package var included: [Glob]
    /// Globs of the same kind. A tag that matches one of them is skipped, even if it is included.
    package var excluded: [Glob]
    /// Tags set before this time, in nanoseconds since 1970, are skipped.
    package var since: Int64?

    package init(included: [Glob] = [], excluded: [Glob] = [], since: Int64? = nil) {
        self.included = included
        self.excluded = excluded
        self.since = since
    }

    /// Whether every tag is selected.
    var isEverything: Bool { included.isEmpty && excluded.isEmpty && since == nil }

    /// Whether a tag is selected by its v1 name, with or without `library/`.
    func takes(_ tag: String, in repository: String) -> Bool {
        (included.isEmpty || included.contains { fits($0, tag, in: repository) })
            && !excluded.contains { fits($0, tag, in: repository) }
    }

    /// Whether a glob matches a tag or its repository.
    func fits(_ glob: Glob, _ tag: String, in repository: String) -> Bool {
        names(of: repository).contains { name in glob.matches("\(name):\(tag)") || glob.matches(name) }
    }

    /// Whether a glob matches a repository.
    func fits(_ glob: Glob, in repository: String) -> Bool { names(of: repository).contains(where: glob.matches) }

    /// Whether a failure is outside the selection. For a whole repository, only its own patterns decide.
    func leavesOut(_ failure: FailedTag) -> Bool {
        guard failure.tag.isEmpty else { return !takes(failure.tag, in: failure.repository) }
        let names = names(of: failure.repository)
        if excluded.contains(where: { names.contains(where: $0.matches) }) { return true }
        return !included.isEmpty && !included.contains { names.contains(where: $0.repositories.matches) }
    }

    /// Whether a tag set at `modified` is recent enough.
    func takes(modified: Int64) -> Bool { since.map { modified >= $0 } ?? true }

    /// The name with `library/` and without.
    private func names(of repository: String) -> [String] {
        let library = V1RepositoryName.libraryNamespace + "/"
        return [repository] + (repository.hasPrefix(library) ? [String(repository.dropFirst(library.count))] : [])
    }
}
