import RegistryCore
import Storage

/// The tags of a repository, and the files that should be tags and have a name that is none.
struct TagListing {
    /// All that stands in the repository's directory.
    let entries: [ObjectEntry]
    /// By name.
    let tags: [String]
    /// What cannot be told the tag of, and why.
    let failures: [FailedTag]

    /// Lists a repository.
    init(of name: V1RepositoryName, in tree: V1Tree) async throws {
        let entries = try await tree.entries(in: name)
        let files = Set(entries.filter { !$0.isDirectory }.map(\.name))
        self.entries = entries
        // Of two files that read as one tag, only the one that is written as docker-registry does is the tag.
        self.tags = Set(try await tree.tagNames(in: name)).sorted().filter { tag in
            V1Layout.tag(tag, in: name).map { files.contains($0.name) } ?? false
        }
        let strays = files.filter { file in
            guard file.hasPrefix(V1Layout.tagPrefix), file != V1Layout.tagPrefix else { return false }
            return V1Layout.tagName(file).flatMap { V1Layout.tag($0, in: name) }?.name != file
        }
        self.failures = strays.sorted().map { file in
            FailedTag(
                name.description,
                String(file.dropFirst(V1Layout.tagPrefix.count)),
                reason: "its file's name is not how docker-registry writes the name of a tag"
            )
        }
    }
}
