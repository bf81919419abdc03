import ImageModel
import Storage

/// What a file belongs to, according to its key.
enum UsagePlace: Sendable, Equatable {
    /// The bytes of a blob.
    case blob(Digest)
    /// A file of a v1 image.
    case image(V1ImageID, isLayer: Bool)
    /// A link that gives a repository a blob or manifest.
    case link(repository: String, Digest)
    /// A link of a repository whose content, not its key, names the blob: of a tarsum, of a signature, or of a digest
    /// other than a SHA-256.
    case indirectLink(repository: String)
    /// The bytes of an unfinished upload.
    case upload(repository: String)
    /// A v1 tag.
    case tag(repository: String)
    /// A record that a blob was derived for a repository.
    case derived(repository: String, Digest)
    /// The record that a layer was recompressed.
    case recompressed(Digest)
    /// The record of a v1 image's layer.
    case layerRecord(V1ImageID)
    /// Anything else.
    case other

    init(_ key: ObjectKey) {
        if let digest = V2Layout.digest(ofBlob: key) {
            self = .blob(digest)
        } else if let (id, name) = V1Layout.imageFile(key) {
            self = .image(id, isLayer: name == V1Layout.layer(id).name)
        } else if let path = Self.path(of: key, below: V2Layout.repositories) {
            self = Self.inRepository(path, key)
        } else if V1Layout.isTag(key), let path = Self.path(of: key, below: V1Layout.repositories), path.count == 3 {
            self = .tag(repository: Self.name(String(path[0]), String(path[1])))
        } else if let path = Self.path(of: key, below: OwnLayout.root) {
            self = Self.ofOurs(path)
        } else {
            self = .other
        }
    }

    private static func path(of key: ObjectKey, below prefix: ObjectKey) -> [Substring]? {
        let start = prefix.description + "/"
        guard key.description.hasPrefix(start) else { return nil }
        return key.description.dropFirst(start.utf8.count).split(separator: "/")
    }

    private static func inRepository(_ path: [Substring], _ key: ObjectKey) -> UsagePlace {
        let end = path.firstIndex { $0.hasPrefix(V2Layout.reservedPrefix) }
        guard let end, end > 0 else { return .other }
        let name = path[..<end].joined(separator: "/")
        if path[end] == "_uploads" { return .upload(repository: name) }
        guard let digest = V2Layout.digest(ofRevision: key) ?? V2Layout.digest(ofLayer: key) else {
            let isSignature = path[end] == "_manifests" && path.contains("signatures")
            let isTarsum = path[end] == "_layers" && path.dropFirst(end + 1).first == "tarsum"
            return (isSignature || isTarsum) && path.last == "link" ? .indirectLink(repository: name) : .other
        }
        return digest.algorithm == .sha256 ? .link(repository: name, digest) : .indirectLink(repository: name)
    }

    private static func ofOurs(_ path: [Substring]) -> UsagePlace {
        if path.count == 3, path[0] == "images", let id = try? V1ImageID(parsing: path[2]) { return .layerRecord(id) }
        guard path.count > 3, path[0] == "derived" else { return .other }
        if path[1] == "layers" {
            return (try? Digest(.sha256, hex: path[3])).map { .recompressed($0) } ?? .other
        }
        guard path[1] == "blobs", let end = path.firstIndex(of: "_"), end > 2, end + 1 < path.count,
            let digest = try? Digest(.sha256, hex: path[end + 1])
        else { return .other }
        return .derived(repository: path[2..<end].joined(separator: "/"), digest)
    }

    /// The name of a v1 repository, from its two directories.
    private static func name(_ namespace: String, _ repository: String) -> String {
        let name = V1RepositoryName(namespaceComponent: namespace, repositoryComponent: repository)
        return name.map { EventRepository($0).description } ?? "\(namespace)/\(repository)"
    }
}
