/// A repository that a search has found.
package struct SearchResult: Sendable, Hashable {
    /// Its name as v1 has it: `library/centos6` for v2's `centos6`.
    package let name: String
    /// What its `latest` says of itself, shortened; empty when it says nothing. Nil for a repository that docker-registry
    /// left behind and nobody has pushed to since: its search said null of those.
    package let description: String?
    /// The name in lower case, as it is looked through.
    let foldedName: [UInt8]
    /// The description in lower case.
    let foldedDescription: [UInt8]

    package init(name: String, description: String?) {
        self.name = name
        self.description = description
        foldedName = Array(name.lowercased().utf8)
        foldedDescription = Array((description ?? "").lowercased().utf8)
    }
}
