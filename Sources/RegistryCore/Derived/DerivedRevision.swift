import ImageModel

/// What a derived manifest follows: the content of `longshore/derived/manifests/NAME/_/DIGEST/source`.
struct DerivedRevision: Codable, Equatable, Sendable {
    /// The manifest that it says the same as.
    let source: String
    /// The manifest that a tag named when it was asked for: the source, or a list that names the source.
    let root: String

    init(source: Digest, root: Digest) {
        self.source = source.description
        self.root = root.description
    }

    /// The manifests that must be there for as long as this one is; nil for a record that was tampered with.
    var manifests: (source: Digest, root: Digest)? {
        guard let source = try? Digest(parsing: source), let root = try? Digest(parsing: root) else { return nil }
        return (source, root)
    }
}
