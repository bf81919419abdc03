import ImageModel
import Storage

/// The inverse of the layout: the content a key belongs to.
extension V2Layout {
    /// The components of a key below a prefix; nil if the key is not below it.
    private static func parts(of key: ObjectKey, below prefix: ObjectKey) -> [Substring]? {
        let text = key.description
        guard text.hasPrefix(prefix.description + "/") else { return nil }
        return text.dropFirst(prefix.description.utf8.count + 1).split(separator: "/")
    }

    private static func digest(_ algorithm: Substring, _ hex: Substring) -> Digest? {
        Digest.Algorithm(rawValue: String(algorithm)).flatMap { try? Digest($0, hex: hex) }
    }

    /// The digest of the blob stored under a key: `blobs/sha256/ab/abcd…/data`.
    static func digest(ofBlob key: ObjectKey) -> Digest? {
        guard let parts = parts(of: key, below: blobs), parts.count == 4, parts[3] == "data" else { return nil }
        return digest(parts[0], parts[2])
    }

    /// Whether a key is a link in a repository.
    static func isLink(_ key: ObjectKey) -> Bool {
        key.description.hasSuffix("/link") && key.description.hasPrefix(repositories.description + "/")
    }

    /// The repository whose tag a link belongs to: `NAME/_manifests/tags/T/…`.
    static func repository(ofTag key: ObjectKey) -> RepositoryDirectory? {
        guard let parts = parts(of: key, below: repositories),
            let mark = parts.firstIndex(of: "_manifests"), mark > 0, mark + 1 < parts.count, parts[mark + 1] == "tags"
        else { return nil }
        return RepositoryDirectory(key: repositories.appending(parts[..<mark].joined(separator: "/")))
    }

    /// The digest of the manifest that a link adds to a repository: `NAME/_manifests/revisions/sha256/abcd…/link`.
    static func digest(ofRevision key: ObjectKey) -> Digest? {
        guard let parts = parts(of: key, below: repositories), parts.count >= 6 else { return nil }
        let end = parts.suffix(5)
        guard end.first == "_manifests", end.last == "link", end.dropFirst().first == "revisions" else { return nil }
        return digest(end[end.endIndex - 3], end[end.endIndex - 2])
    }

    /// The digest of the blob that a link adds to a repository: `NAME/_layers/sha256/abcd…/link`.
    static func digest(ofLayer key: ObjectKey) -> Digest? {
        guard let parts = parts(of: key, below: repositories), parts.count >= 5 else { return nil }
        let end = parts.suffix(4)
        guard end.first == "_layers", end.last == "link" else { return nil }
        return digest(end[end.endIndex - 3], end[end.endIndex - 2])
    }
}

extension OwnLayout {
    /// The prefix of the collector's own objects.
    static let collection = root.appending("gc")

    /// The prefix of layer records.
    static let layerRecords = root.appending("images")

    /// The prefix of derived content.
    static let derivedContent = root.appending("derived")

    /// Whether a key is a layer record.
    static func isLayerRecord(_ key: ObjectKey) -> Bool {
        key.description.hasPrefix(layerRecords.description + "/")
    }

    /// The digest of the derived manifest or blob that a key belongs to: `derived/manifests/NAME/_/abcd…/…` and
    /// `derived/blobs/NAME/_/abcd…/…`.
    static func digest(ofDerived key: ObjectKey) -> Digest? {
        let text = key.description
        guard text.hasPrefix(derivedContent.description + "/") else { return nil }
        let parts = text.split(separator: "/")
        guard let mark = parts.firstIndex(of: "_"), mark + 1 < parts.count, parts[2] != "forms" else { return nil }
        return try? Digest(.sha256, hex: parts[mark + 1])
    }
}
