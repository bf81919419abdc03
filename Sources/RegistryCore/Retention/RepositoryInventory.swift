package import ImageModel

/// What a repository has, as far as retention needs to know it.
package struct RepositoryInventory: Sendable {
    /// A tag.
    package struct TagEntry: Hashable, Sendable {
        /// The tag.
        package let tag: Tag
        /// Its target and time; nil if it cannot be read.
        package var state: TagState?
        /// The rule that makes it immutable; nil if it is not.
        package var protection: ImmutabilityRule?
        /// The manifest of the repository that its name refers to; nil if there is no such manifest.
        package var subject: Digest?

        package init(
            _ tag: Tag,
            state: TagState?,
            protection: ImmutabilityRule? = nil,
            subject: Digest? = nil
        ) {
            self.tag = tag
            self.state = state
            self.protection = protection
            self.subject = subject
        }
    }

    /// A manifest.
    package struct ManifestEntry: Hashable, Sendable {
        /// Its digest.
        package let digest: Digest
        /// When it was last pushed to the repository, in nanoseconds since 1970.
        package let pushed: Int64
        /// The entries of an index; nil if the manifest cannot be read.
        package let children: Set<Digest>?
        /// The manifest that it refers to.
        package let subject: Digest?

        package init(_ digest: Digest, pushed: Int64, children: Set<Digest>? = [], subject: Digest? = nil) {
            self.digest = digest
            self.pushed = pushed
            self.children = children
            self.subject = subject
        }
    }

    /// Its tags.
    package var tags: [TagEntry]
    /// Its manifests; empty if no rule lets untagged ones be removed.
    package var manifests: [ManifestEntry]

    package init(tags: [TagEntry], manifests: [ManifestEntry] = []) {
        self.tags = tags
        self.manifests = manifests
    }
}

extension Tag {
    /// The manifest that a tag of signatures or other referrers is about: `sha256-HEX`, with an ending in cosign's
    /// names such as `.sig`. Nil for other tags.
    ///
    /// OCI Distribution Specification 1.1, "Referrers Tag Schema".
    var referrerSubject: Digest? {
        let name = description.prefix { $0 != "." }
        guard let dash = name.firstIndex(of: "-"),
            let algorithm = Digest.Algorithm(rawValue: String(name[..<dash]))
        else { return nil }
        return try? Digest(algorithm, hex: String(name[name.index(after: dash)...]))
    }
}
