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
    func takes(_ tag: String, in repository: V1RepositoryName) -> Bool {
        var names = [repository.description]
        if repository.namespace == V1RepositoryName.libraryNamespace { names.append(repository.repository) }
        func fits(_ glob: Glob) -> Bool {
            names.contains { name in glob.matches("\(name):\(tag)") || glob.matches(name) }
        }
        return (included.isEmpty || included.contains(where: fits)) && !excluded.contains(where: fits)
    }

    /// Whether a tag that was set at `modified` is young enough.
    func takes(modified: Int64) -> Bool { since.map { modified >= $0 } ?? true }
}
