import Conversion
import ImageModel
import NIOCore
import RegistryCore
import Storage

/// The schema1 images of a v2 directory, presented as docker-registry's tree. It is read-only.
struct Schema1Tree: UnwritableStorage {
    /// The v2 directory.
    let base: any ObjectStorage
    /// The layers as images.
    private(set) var layers: [V1ImageID: Schema1Layer] = [:]
    /// The tags by the v1 name of their repository.
    private(set) var tags: [V1RepositoryName: [String: Schema1Tag]] = [:]

    init(base: any ObjectStorage) { self.base = base }

    /// Adds layers, base first, and returns the image that represents all of them; nil for no layers.
    mutating func add(_ blobs: [Digest]) throws -> V1ImageID? {
        var top: V1ImageID?
        for blob in blobs {
            let layer = try Schema1Layer(blob, on: top)
            layers[layer.id] = layer
            top = layer.id
        }
        return top
    }

    mutating func add(_ tag: Schema1Tag, as text: String) {
        tags[Self.v1Name(of: tag.name), default: [:]][text] = tag
    }

    /// The v1 name of a repository. Unique even for `library/X`, which v1 does not distinguish from `X`.
    static func v1Name(of name: RepositoryName) -> V1RepositoryName {
        V1RepositoryName(name)
            ?? V1RepositoryName(namespace: V1RepositoryName.libraryNamespace, repository: name.description)
    }

    /// The blob of the layer that an image represents.
    func layerKey(_ id: V1ImageID) -> ObjectKey? { layers[id].map { V2Layout.blobData($0.blob) } }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        switch RemoteKey(key) {
        case .directory: return Self.attributes(.directory, byteCount: 0)
        case .layer(let id):
            guard let blob = layerKey(id) else { return nil }
            return try await base.attributes(of: blob)
        case .tag(let tag, let repository):
            guard let modified = tags[repository]?[tag]?.modified else { return nil }
            return Self.attributes(.object, byteCount: 64, modified: modified)
        case .json, .ancestry, .checksum, .inProgress, .tagRecord, .none:
            return try await read(key, limit: .max).map { Self.attributes(.object, byteCount: $0.readableBytes) }
        }
    }

    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        switch RemoteKey(key) {
        case .json(let id):
            guard let layer = layers[id] else { return nil }
            let parent = layer.parent.map { ",\"parent\":\"\($0)\"" } ?? ""
            return ByteBuffer(string: "{\"id\":\"\(id)\"\(parent)}")
        case .ancestry(let id):
            guard layers[id] != nil else { return nil }
            let chain = sequence(first: id) { layers[$0]?.parent }
            return ByteBuffer(string: "[\(chain.map { "\"\($0)\"" }.joined(separator: ", "))]")
        case .tag(let tag, let repository):
            guard case .success(let top) = tags[repository]?[tag]?.top else { return nil }
            return ByteBuffer(string: top.description)
        case .layer, .checksum, .inProgress, .tagRecord, .directory, .none: return nil
        }
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        guard case .layer(let id) = RemoteKey(key), let blob = layerKey(id) else { return nil }
        return try await base.open(blob)
    }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        let entries = entries(prefix.description.split(separator: "/").map(String.init))
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let rest = entries.drop { entry in name.map { !$0.utf8.lexicographicallyPrecedes(entry.name.utf8) } ?? false }
        return Array(rest.prefix(limit))
    }

    private func entries(_ components: [String]) -> Set<ObjectEntry> {
        guard components.first == V1Layout.repositories.name else { return [] }
        switch components.count {
        case 1: return Set(tags.keys.map { ObjectEntry(name: $0.namespaceComponent, isDirectory: true) })
        case 2:
            let inside = tags.keys.filter { $0.namespaceComponent == components[1] }
            return Set(inside.map { ObjectEntry(name: $0.repositoryComponent, isDirectory: true) })
        default:
            let name = V1RepositoryName(namespaceComponent: components[1], repositoryComponent: components[2])
            guard let name, let texts = tags[name]?.keys else { return [] }
            let files = texts.compactMap { V1Layout.tag($0, in: name)?.name }
            return Set(files.map { ObjectEntry(name: $0, isDirectory: false) })
        }
    }

    private static func attributes(_ kind: ObjectAttributes.Kind, byteCount: Int, modified: Int64 = 0)
        -> ObjectAttributes
    {
        ObjectAttributes(kind: kind, byteCount: Int64(byteCount), modified: modified)
    }
}
