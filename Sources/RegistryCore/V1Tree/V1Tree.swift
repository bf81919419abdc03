package import ImageModel
package import NIOCore
package import Storage

/// A storage tree as docker-registry 0.9.1 writes it, read as it is.
///
/// Nothing here writes. What the tree lacks is nil; what it holds and cannot be read throws `StorageError`.
package struct V1Tree: Sendable {
    /// Where the tree is.
    package let storage: any ObjectStorage
    private let files: SmallFile

    package init(storage: any ObjectStorage) {
        self.storage = storage
        self.files = SmallFile(storage: storage)
    }
}

/// How far the push of an image is.
struct V1Progress: Sendable {
    /// How many bytes its JSON has; nil where it has none.
    let jsonByteCount: Int64?
    /// Whether the image is being pushed, or was left behind by a push that broke off.
    let isUnfinished: Bool
}

/// Images.
extension V1Tree {
    /// The JSON of an image, byte for byte, or nil when there is none.
    package func json(_ id: V1ImageID) async throws -> ByteBuffer? {
        try await files.read(V1Layout.json(id), expecting: "an image") { $0.readableBytes > 0 ? $0 : nil }
    }

    /// Whether an image has a JSON.
    ///
    /// - Throws: As ``json(_:)``.
    package func hasJSON(_ id: V1ImageID) async throws -> Bool {
        guard let file = try await storage.attributes(of: V1Layout.json(id)) else { return false }
        if Self.isDocument(file) { return true }
        return try await json(id) != nil
    }

    /// Whether an image is being pushed, or was left behind by a push that broke off.
    package func isInProgress(_ id: V1ImageID) async throws -> Bool {
        try await storage.attributes(of: V1Layout.inProgress(id)) != nil
    }

    /// How far the push of an image is, in one step.
    func progress(of id: V1ImageID) async throws -> V1Progress {
        let files = try await storage.attributes(of: [V1Layout.json(id), V1Layout.inProgress(id)])
        var byteCount = files[0]?.byteCount
        if let file = files[0], !Self.isDocument(file) {
            byteCount = try await json(id).map { Int64($0.readableBytes) }
        }
        return V1Progress(jsonByteCount: byteCount, isUnfinished: files[1] != nil)
    }

    private static func isDocument(_ file: ObjectAttributes) -> Bool {
        file.kind == .object && (1...Int64(SmallFile.documentLimit)).contains(file.byteCount)
    }

    /// The ancestry file of an image: its id, its parent's, and so on to the root; nil when there is no file.
    package func ancestry(_ id: V1ImageID) async throws -> ByteBuffer? {
        try await storage.readDocument(V1Layout.ancestry(id), limit: SmallFile.documentLimit)
    }

    /// The checksum file of an image, or nil when there is none.
    package func checksum(_ id: V1ImageID) async throws -> ByteBuffer? {
        try await storage.readDocument(V1Layout.checksum(id), limit: SmallFile.documentLimit)
    }

    /// The list of the layer's files that docker-registry made, or nil when there is none.
    package func files(_ id: V1ImageID) async throws -> (any ObjectReader)? {
        try await storage.open(V1Layout.files(id))
    }

    /// What is known of a layer without reading it, or nil when the image has none.
    package func layerAttributes(_ id: V1ImageID) async throws -> ObjectAttributes? {
        let attributes = try await storage.attributes(of: V1Layout.layer(id))
        return attributes?.kind == .object ? attributes : nil
    }

    /// Opens a layer, or answers nil when the image has none.
    package func openLayer(_ id: V1ImageID) async throws -> (any ObjectReader)? {
        try await storage.open(V1Layout.layer(id))
    }
}

/// Repositories.
extension V1Tree {
    /// All repositories, by name. A directory whose name cannot be a repository's is left out, and so is a namespace that
    /// cannot be read.
    package func repositories(damage: DamageLog) async throws -> [V1RepositoryName] {
        var names: [V1RepositoryName] = []
        for namespace in try await storage.list(V1Layout.repositories) where namespace.isDirectory {
            let prefix = V1Layout.repositories.appending(namespace.name)
            let entries = try await damage.unlessDamaged("namespace", in: namespace.name) {
                try await storage.list(prefix)
            }
            for repository in entries ?? [] where repository.isDirectory {
                if let name = V1RepositoryName(
                    namespaceComponent: namespace.name,
                    repositoryComponent: repository.name
                ) {
                    names.append(name)
                }
            }
        }
        return names.sorted()
    }

    /// Whether the repository's directory is there and has anything in it.
    package func contains(_ name: V1RepositoryName) async throws -> Bool {
        guard let directory = V1Layout.repository(name) else { return false }
        return try await !storage.list(directory, after: nil, limit: 1).isEmpty
    }

    /// All that stands in a repository's directory.
    package func entries(in name: V1RepositoryName) async throws -> [ObjectEntry] {
        guard let directory = V1Layout.repository(name) else { return [] }
        return try await storage.list(directory)
    }

    /// The names of a repository's tags.
    ///
    /// A file `tag_x_json` beside `tag__x` is what docker-registry wrote about tag `_x`, not a tag `x_json`.
    package func tagNames(in name: V1RepositoryName) async throws -> [String] {
        let files = try await entries(in: name).filter { !$0.isDirectory }.map(\.name)
        let all = Set(files)
        return files.compactMap { file -> String? in
            guard file.hasPrefix(V1Layout.tagPrefix) else { return nil }
            let quoted = String(file.dropFirst(V1Layout.tagPrefix.count))
            guard !quoted.isEmpty, let tag = PathQuoting.unquoted(quoted) else { return nil }
            if quoted.hasSuffix("_json"), all.contains("tag__\(quoted.dropLast("_json".count))") { return nil }
            return tag
        }.sorted()
    }

    /// What a tag's file holds once nobody is writing it, or nil when there is no such tag.
    package func tag(_ tag: String, in name: V1RepositoryName) async throws -> V1Tag? {
        guard let key = V1Layout.tag(tag, in: name), let attributes = try await storage.attributes(of: key),
            attributes.kind == .object, let bytes = try await files.settled(key, isWhole: V1Tag.isImageID)
        else { return nil }
        return V1Tag(content: Array(buffer: bytes), modified: attributes.modified)
    }

    /// What a tag names, or nil when there is no such tag or when its file holds no image id.
    ///
    /// - Throws: `StorageError.unreadable` for an empty file.
    package func side(_ tag: Tag, in name: V1RepositoryName) async throws -> TagSide<V1ImageID>? {
        guard let key = V1Layout.tag(tag.description, in: name) else { return nil }
        guard let content = try await files.settled(key, isWhole: V1Tag.isImageID),
            let attributes = try await storage.attributes(of: key)
        else { return nil }
        guard content.readableBytes > 0 else {
            throw StorageError.unreadable(key, reason: "it does not hold an image id")
        }
        let id = V1Tag(content: Array(buffer: content), modified: attributes.modified).image
        return id.map { TagSide(value: $0, modified: attributes.modified) }
    }

    /// The list of images of a repository, byte for byte, or nil when there is none.
    package func indexImages(_ name: V1RepositoryName) async throws -> ByteBuffer? {
        guard let key = V1Layout.indexImages(name) else { return nil }
        return try await storage.readDocument(key, limit: SmallFile.documentLimit)
    }

    /// Whether ``indexImages(_:)`` is a list, or nil when there is none.
    package func isIndexAList(_ name: V1RepositoryName) async throws -> Bool? {
        guard let bytes = try await indexImages(name) else { return nil }
        do { return try JSONValue(parsing: bytes.readableBytesView).array != nil } catch { return false }
    }

    /// What docker-registry wrote about a tag, or about the repository's `latest` for nil; nil when there is none.
    package func pushRecord(of tag: String?, in name: V1RepositoryName) async throws -> ByteBuffer? {
        let key = tag.map { V1Layout.tagJSON($0, in: name) } ?? V1Layout.repositoryJSON(name)
        guard let key else { return nil }
        return try await storage.readDocument(key, limit: SmallFile.documentLimit)
    }

    /// Whether the repository was marked private.
    package func isPrivate(_ name: V1RepositoryName) async throws -> Bool {
        guard let key = V1Layout.privateMark(name) else { return false }
        return try await storage.attributes(of: key) != nil
    }
}
