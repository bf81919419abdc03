/// An element of the rules that make tags immutable: `immutable`.
package struct ImmutabilityEntry: Hashable, Sendable {
    /// The patterns of repositories it applies to; empty for all.
    package var repositories: [String]
    /// The patterns of tags it makes immutable; empty for all.
    package var tags: [String]

    static func all(in list: ConfigurationEntry) -> [ImmutabilityEntry] {
        guard case .list(let elements) = list.content else { return [] }
        return elements.map { element in
            ImmutabilityEntry(
                repositories: element["repositories"]?.texts ?? [],
                tags: element["tags"]?.texts ?? []
            )
        }
    }
}

/// An element of the rules about what repositories keep: `retention`.
package struct RetentionEntry: Hashable, Sendable {
    /// The patterns of repositories it applies to; empty for all.
    package var repositories: [String]
    /// How many of the tags that were pushed last are kept: `keep.last`.
    package var lastCount: Int?
    /// The age up to which tags are kept: `keep.younger`.
    package var youngerAge: Duration?
    /// The patterns of tags that are kept: `keep.tags`.
    package var tags: [String]
    /// The age at which untagged manifests are removed: `untagged`; nil to keep them.
    package var untaggedAge: Duration?

    static func all(in list: ConfigurationEntry) -> [RetentionEntry] {
        guard case .list(let elements) = list.content else { return [] }
        return elements.map { element in
            func text(_ path: String...) -> String? { element[path]?.texts.first }
            return RetentionEntry(
                repositories: element["repositories"]?.texts ?? [],
                lastCount: text("keep", "last").flatMap { Int($0) },
                youngerAge: text("keep", "younger").flatMap { GoDuration(parsing: $0) }?.duration,
                tags: element[["keep", "tags"]]?.texts ?? [],
                untaggedAge: text("untagged").flatMap { GoDuration(parsing: $0) }?.duration
            )
        }
    }
}
