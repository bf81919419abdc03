import RegistryCore

/// Tracks which patterns of the command line have matched: one that never does is probably misspelt.
struct PatternUse: Sendable {
    private let selection: TagSelection
    private let naming: NameMapping
    private var unusedIncludes: Set<Glob>
    private var unusedExcludes: Set<Glob>
    private var usedRenames: Set<Int> = []

    init(_ options: MigrationOptions) {
        self.selection = options.selection
        self.naming = options.naming
        self.unusedIncludes = Set(options.selection.included)
        self.unusedExcludes = Set(options.selection.excluded)
    }

    /// Records a tag of the source, whether it is selected or not.
    mutating func see(_ tag: String, in repository: String) {
        guard !unusedIncludes.isEmpty || !unusedExcludes.isEmpty else { return }
        for glob in unusedIncludes where selection.fits(glob, tag, in: repository) { unusedIncludes.remove(glob) }
        for glob in unusedExcludes where selection.fits(glob, tag, in: repository) { unusedExcludes.remove(glob) }
    }

    /// Records a repository whose tags cannot be listed.
    mutating func see(unreadable repository: String) {
        for glob in unusedIncludes where selection.fits(glob.repositories, in: repository) {
            unusedIncludes.remove(glob)
        }
        for glob in unusedExcludes where selection.fits(glob, in: repository) { unusedExcludes.remove(glob) }
    }

    /// Records a repository with selected tags.
    mutating func see(taken repository: V1RepositoryName) {
        if let index = naming.renameIndex(for: repository) { usedRenames.insert(index) }
    }

    /// A warning for each pattern that has matched nothing.
    var warnings: [String] {
        let includes = selection.included.filter(unusedIncludes.contains).map { "--include '\($0)' matches no tag" }
        let excludes = selection.excluded.filter(unusedExcludes.contains).map { "--exclude '\($0)' matches no tag" }
        let renames = naming.renames.indices.filter { !usedRenames.contains($0) }.map { index in
            let rename = naming.renames[index]
            return "--map '\(rename.old)=\(rename.new)' renames nothing: no selected repository has the name "
                + "'\(rename.old)' or begins with '\(rename.old)/'"
        }
        return includes + excludes + renames
    }
}
