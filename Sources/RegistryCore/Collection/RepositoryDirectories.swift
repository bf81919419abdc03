import ImageModel
import NIOCore
import Storage

/// The directory of a repository in the v2 layout, even if clients cannot use its name.
struct RepositoryDirectory: Sendable {
    /// The prefix of its objects.
    let key: ObjectKey

    /// The repository's name, taken from its path.
    var name: String { String(key.description.dropFirst(V2Layout.repositories.description.utf8.count + 1)) }

    /// Its manifests, by algorithm.
    var revisions: ObjectKey { key.appending("_manifests/revisions") }
    /// Its tags.
    var tags: ObjectKey { key.appending("_manifests/tags") }
    /// Its layers, by algorithm.
    var layers: ObjectKey { key.appending("_layers") }

    /// The key of a manifest's link.
    func revisionLink(_ digest: Digest) -> ObjectKey {
        revisions.appending("\(digest.algorithm.rawValue)/\(digest.hex)/link")
    }

    /// The key of a layer's link.
    func layerLink(_ digest: Digest) -> ObjectKey {
        layers.appending("\(digest.algorithm.rawValue)/\(digest.hex)/link")
    }
}

/// Reads the storage for a collection. Objects that cannot be examined never count as absent.
struct CollectionWalk: Sendable {
    let storage: any ObjectStorage

    /// The number of keys to examine in one step.
    static let stepCount = 256

    /// Every directory that contains a repository's objects.
    func repositories() async throws(StorageError) -> [RepositoryDirectory] {
        var found: [RepositoryDirectory] = []
        var waiting = [V2Layout.repositories]
        // A symbolic link may point to an ancestor: the maximum length of a name ends the walk.
        let limit = V2Layout.repositories.description.utf8.count + 1 + RepositoryName.maximumLength
        while let key = waiting.popLast() {
            let entries = try await storage.list(key).filter(\.isDirectory)
            if key != V2Layout.repositories, entries.contains(where: { $0.name.hasPrefix(V2Layout.reservedPrefix) }) {
                found.append(RepositoryDirectory(key: key))
            }
            for entry in entries where !entry.name.hasPrefix(V2Layout.reservedPrefix) {
                let inner = key.appending(entry.name)
                if inner.description.utf8.count <= limit { waiting.append(inner) }
            }
        }
        return found.sorted { $0.key < $1.key }
    }

    /// The digests that name directories below `prefix`, as in `sha256/abcd…`.
    func digests(below prefix: ObjectKey) async throws(StorageError) -> [Digest] {
        var digests: [Digest] = []
        for algorithm in try await storage.list(prefix) {
            guard let known = Digest.Algorithm(rawValue: algorithm.name) else { continue }
            for entry in try await storage.list(prefix.appending(algorithm.name)) {
                if let digest = try? Digest(known, hex: entry.name) { digests.append(digest) }
            }
        }
        return digests
    }

    /// The links that tags keep to manifests they once pointed to, by manifest: `_manifests/tags/T/index`.
    func indexLinks(
        of manifests: Set<Digest>,
        in repository: RepositoryDirectory
    ) async throws(StorageError) -> [Digest: [ObjectKey]] {
        var links: [Digest: [ObjectKey]] = [:]
        for tag in try await storage.list(repository.tags) where tag.isDirectory {
            let index = repository.tags.appending("\(tag.name)/index")
            for digest in try await digests(below: index) where manifests.contains(digest) {
                links[digest, default: []].append(index.appending("\(digest.algorithm.rawValue)/\(digest.hex)/link"))
            }
        }
        return links
    }

    /// Calls `body` with up to `count` elements at a time.
    func inSteps<Element: Sendable>(
        _ elements: [Element],
        of count: Int = stepCount,
        _ body: (ArraySlice<Element>) async throws -> Void
    ) async throws {
        var rest = elements[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let some = rest.prefix(count)
            rest = rest.dropFirst(some.count)
            try await body(some)
        }
    }

    /// The attributes of each key; a key that cannot be examined counts as an object modified just now.
    func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        do { return try await storage.attributes(of: keys) } catch {
            guard error.isOfOneObject else { throw error }
        }
        var all: [ObjectAttributes?] = []
        for key in keys {
            do { all.append(try await storage.attributes(of: key)) } catch {
                guard error.isOfOneObject else { throw error }
                all.append(ObjectAttributes(kind: .object, byteCount: 0, modified: .max))
            }
        }
        return all
    }

    /// The digests in small objects such as links.
    func digests(in keys: [ObjectKey]) async throws(StorageError) -> [LinkContent] {
        do { return try await storage.read(keys, limit: 256).map { LinkContent($0) } } catch {
            guard error.isOfOneObject else { throw error }
        }
        var all: [LinkContent] = []
        for key in keys {
            do { all.append(LinkContent(try await storage.read(key, limit: 256))) } catch {
                guard error.isOfOneObject else { throw error }
                all.append(.unreadable)
            }
        }
        return all
    }
}

/// The content of a link.
enum LinkContent: Sendable {
    /// There is no link.
    case absent
    /// The link is not a digest or cannot be read: it is damaged or half-written.
    case unreadable
    case digest(Digest)

    fileprivate init(_ bytes: ByteBuffer?) {
        guard let bytes else {
            self = .absent
            return
        }
        self = (try? Digest(parsing: String(buffer: bytes))).map { .digest($0) } ?? .unreadable
    }
}
