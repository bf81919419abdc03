import RegistryCore

/// Which tags of the source are to be migrated.
package struct TagSelection: Sendable {
    /// Globs over `repository:tag`, or over `repository` alone; a tag must fit one of them, if there are any.
    package var included: [Glob]
    /// Globs of the same kind; a tag that fits one of them is left out, even if it fits an included one.
    package var excluded: [Glob]
    /// Tags that were set before this moment, in nanoseconds since 1970, are left out.
    package var since: Int64?

    package init(included: [Glob] = [], excluded: [Glob] = [], since: Int64? = nil) {
        self.included = included
        self.excluded = excluded
        self.since = since
    }

    /// Whether every tag is taken, so that nothing is left out without being named.
    var isEverything: Bool { included.isEmpty && excluded.isEmpty && since == nil }

    /// Whether a tag fits by its name: by that of v1, with `library/` or without.
    func takes(_ tag: String, in repository: String) -> Bool {
        (included.isEmpty || included.contains { fits($0, tag, in: repository) })
            && !excluded.contains { fits($0, tag, in: repository) }
    }

    /// Whether a glob is over a tag, or over its repository.
    func fits(_ glob: Glob, _ tag: String, in repository: String) -> Bool {
        names(of: repository).contains { name in glob.matches("\(name):\(tag)") || glob.matches(name) }
    }

    /// Whether a glob is over a repository.
    func fits(_ glob: Glob, in repository: String) -> Bool { names(of: repository).contains(where: glob.matches) }

    /// Whether what fails was not asked for: of a whole repository that is said by what leaves it out alone.
    func leavesOut(_ failure: FailedTag) -> Bool {
        guard failure.tag.isEmpty else { return !takes(failure.tag, in: failure.repository) }
        let names = names(of: failure.repository)
        if excluded.contains(where: { names.contains(where: $0.matches) }) { return true }
        return !included.isEmpty && !included.contains { names.contains(where: $0.repositories.matches) }
    }

    /// Whether a tag that was set at `modified` is young enough.
    func takes(modified: Int64) -> Bool { since.map { modified >= $0 } ?? true }

    /// With `library/` and without.
    private func names(of repository: String) -> [String] {
        let library = V1RepositoryName.libraryNamespace + "/"
        return [repository] + (repository.hasPrefix(library) ? [String(repository.dropFirst(library.count))] : [])
    }
}
