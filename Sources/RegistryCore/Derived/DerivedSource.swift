import ImageModel
import Storage

/// A source of a derived manifest or blob, which exists as long as all of these are in its repository.
struct DerivedSource: Hashable, Sendable, CustomStringConvertible {
    /// The manifest it was converted from, or made for.
    let manifest: Digest
    /// The manifest the tag pointed to when it was requested: the same, or an index that lists it.
    let root: Digest
    /// The layer it was recompressed from; nil if it is not a layer.
    let layer: Digest?

    init(manifest: Digest, root: Digest, layer: Digest? = nil) {
        self.manifest = manifest
        self.root = root
        self.layer = layer
    }

    /// Parses a ``description``; nil for a damaged record.
    init?(parsing text: String) {
        let digests = text.split(separator: " ").compactMap { try? Digest(parsing: String($0)) }
        guard (2...3).contains(digests.count) else { return nil }
        self.init(manifest: digests[0], root: digests[1], layer: digests.count > 2 ? digests[2] : nil)
    }

    /// The digests, separated by spaces: the content of its file.
    var description: String {
        ([manifest, root] + [layer].compactMap(\.self)).map(\.description).joined(separator: " ")
    }

    /// The links that make it belong to a repository.
    func links(in name: RepositoryName) -> [ObjectKey] {
        [V2Layout.revisionLink(manifest, in: name), V2Layout.revisionLink(root, in: name)]
            + (layer.map { [V2Layout.layerLink($0, in: name)] } ?? [])
    }
}
