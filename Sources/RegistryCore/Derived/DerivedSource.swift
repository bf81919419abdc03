import ImageModel
import Storage

/// What a derived manifest or blob follows: it is there as long as all of this is in its repository.
struct DerivedSource: Hashable, Sendable, CustomStringConvertible {
    /// The manifest that it says the same as, or that it was made for.
    let manifest: Digest
    /// The manifest that a tag named when it was asked for: the same, or a list that names it.
    let root: Digest
    /// The layer that it is in another compression; nil for what is no layer.
    let layer: Digest?

    init(manifest: Digest, root: Digest, layer: Digest? = nil) {
        self.manifest = manifest
        self.root = root
        self.layer = layer
    }

    /// Reads what ``description`` says; nil for a record that was tampered with.
    init?(parsing text: String) {
        let digests = text.split(separator: " ").compactMap { try? Digest(parsing: String($0)) }
        guard (2...3).contains(digests.count) else { return nil }
        self.init(manifest: digests[0], root: digests[1], layer: digests.count > 2 ? digests[2] : nil)
    }

    /// The digests with blanks between them: the content of its file.
    var description: String {
        ([manifest, root] + [layer].compactMap(\.self)).map(\.description).joined(separator: " ")
    }

    /// The links that make it a repository's.
    func links(in name: RepositoryName) -> [ObjectKey] {
        [V2Layout.revisionLink(manifest, in: name), V2Layout.revisionLink(root, in: name)]
            + (layer.map { [V2Layout.layerLink($0, in: name)] } ?? [])
    }
}
