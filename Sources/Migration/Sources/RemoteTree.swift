import Foundation
import ImageModel
package import NIOCore
import RegistryClient
import RegistryCore
package import Storage

/// The content of a remote v1 registry, presented as docker-registry's tree. It is read-only.
///
/// Files have no times: content is requested from the registry, or remembered from a moment ago.
package actor RemoteTree: UnwritableStorage {
    private let client: V1Client
    private let names: [V1RepositoryName]
    private var tags: [V1RepositoryName: [String: String]] = [:]
    private var images: [V1ImageID: RemoteImage?] = [:]
    /// Prefetched ancestries; each is needed once.
    private var ancestries: [V1ImageID: ByteBuffer?] = [:]
    /// The images whose ancestry is prefetched.
    private var expected: Set<V1ImageID> = []
    /// For images without an announced size: the size of the layer if it was fetched, or nil if there is none.
    private var layers: [V1ImageID: Int64?] = [:]
    /// Whether the operator listed the names, so each of them must exist.
    private let areNamesListed: Bool
    /// Repositories that search lists but that do not exist.
    private(set) var notices: [SourceNotice] = []
    /// The tags whose name is too long for a file.
    private(set) var failures: [FailedTag] = []

    /// How many images are kept in memory: chains are walked one after the other and share their lower parts.
    private static let imageLimit = 4096

    /// The number of repositories queried at once.
    private static let aheadWidth = 8

    /// - Parameters:
    ///   - names: The repositories.
    ///   - areNamesListed: Whether the operator listed them, rather than search.
    init(_ client: V1Client, names: [V1RepositoryName], areNamesListed: Bool) {
        self.client = client
        self.names = names
        self.areNamesListed = areNamesListed
    }

    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        switch RemoteKey(key) {
        case .directory: return Self.attributes(.directory, 0)
        case .layer(let id):
            return try await asking(key) { try await self.layerAttributes(id) }
        default: return try await read(key, limit: .max).map { Self.attributes(.object, Int64($0.readableBytes)) }
        }
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await asking(key) {
            switch RemoteKey(key) {
            case .json(let id):
                let image = try await self.image(id)
                return image?.isInProgress == true ? nil : image?.json
            case .ancestry(let id):
                if let known = self.takeAncestry(of: id) { return known }
                return try await self.client.ancestry(of: id)
            case .checksum(let id):
                guard let checksums = try await self.image(id)?.checksums, !checksums.isEmpty else { return nil }
                return ByteBuffer(bytes: JSONValue.array(checksums.map(JSONValue.string)).pythonEncoded())
            case .inProgress(let id):
                return try await self.image(id)?.isInProgress == true ? ByteBuffer(string: "true") : nil
            case .tag(let tag, let repository):
                return try await self.tags(of: repository)[tag].map { ByteBuffer(string: $0) }
            case .tagRecord(let tag, let repository): return try await self.client.tagRecord(tag, in: repository.quoted)
            case .layer, .directory, .none: return nil
            }
        }
    }

    /// Returns nil: layers are fetched by ``RegistrySource``.
    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? { nil }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        let components = prefix.description.split(separator: "/").map(String.init)
        guard components.first == V1Layout.repositories.name else { return [] }
        let all = try await asking(prefix) { try await self.entries(components) }
        return Array(all.drop { entry in name.map { entry.name <= $0 } ?? false }.prefix(limit))
    }

    /// The size of a layer as announced in the response for its JSON; nil when it was not.
    func layerByteCount(of id: V1ImageID) async throws -> Int64? { try await image(id)?.byteCount }

    /// Prefetches what a survey of the repositories will need.
    ///
    /// - Throws: Only `CancellationError`.
    func lookAhead(
        at repositories: [V1RepositoryName],
        isNeeded: @escaping @Sendable (_ tag: String, V1RepositoryName) -> Bool,
        isKnown: @escaping @Sendable (V1ImageID) -> Bool
    ) async throws {
        ancestries = [:]
        expected = []
        try await ParallelWork(jobs: Self.aheadWidth).run(repositories) { repository in
            await self.lookAhead(at: repository, isNeeded, isKnown)
        } each: { _, _ in
        }
    }

    private func lookAhead(
        at repository: V1RepositoryName,
        _ isNeeded: @Sendable (_ tag: String, V1RepositoryName) -> Bool,
        _ isKnown: @Sendable (V1ImageID) -> Bool
    ) async {
        do {
            for (tag, text) in try await tags(of: repository) where isNeeded(tag, repository) {
                var next = try? V1ImageID(parsing: text)
                while let id = next, !isKnown(id), images.count < Self.imageLimit, expected.insert(id).inserted {
                    guard let image = try await image(id), !image.isInProgress else { break }
                    ancestries[id] = .some(try await client.ancestry(of: id))
                    next = try V1Image(parsing: Array(buffer: image.json)).parent
                }
            }
        } catch {
            // The survey will meet and report the same failure.
        }
    }

    private func takeAncestry(of id: V1ImageID) -> ByteBuffer?? { ancestries.removeValue(forKey: id) }

    /// Records the size of a fetched layer, which was not announced.
    func didFetch(_ id: V1ImageID, byteCount: Int64) { layers[id] = .some(byteCount) }

    private func layerAttributes(_ id: V1ImageID) async throws -> ObjectAttributes? {
        let image = try await image(id)
        guard image?.isInProgress != true else { return nil }
        if let byteCount = image?.byteCount { return Self.attributes(.object, byteCount) }
        // No size is announced for images without a layer or without JSON.
        if let known = layers[id] { return known.map { Self.attributes(.object, $0) } }
        let isThere = try await client.hasLayer(id)
        layers[id] = .some(isThere ? 0 : nil)
        return isThere ? Self.attributes(.object, 0) : nil
    }

    private func entries(_ components: [String]) async throws -> [ObjectEntry] {
        switch components.count {
        case 1:
            let namespaces = Set(names.map(\.namespaceComponent)).sorted()
            return namespaces.map { ObjectEntry(name: $0, isDirectory: true) }
        case 2:
            let repositories = names.filter { $0.namespaceComponent == components[1] }.map(\.repositoryComponent)
                .sorted()
            return repositories.map { ObjectEntry(name: $0, isDirectory: true) }
        default:
            guard
                let repository = V1RepositoryName(namespaceComponent: components[1], repositoryComponent: components[2])
            else { return [] }
            let files = try await tags(of: repository).keys.compactMap { V1Layout.tag($0, in: repository)?.name }
            return files.sorted().map { ObjectEntry(name: $0, isDirectory: false) }
        }
    }

    private func tags(of repository: V1RepositoryName) async throws -> [String: String] {
        if let known = tags[repository] { return known }
        let found = try await client.tags(in: repository.quoted)
        if found == nil {
            guard !areNamesListed else { throw UnknownRepository() }
            let text = "listed by search, but the registry does not have it"
            notices.append(SourceNotice(subject: "repository \(repository)", text: text))
        }
        tags[repository] = found ?? [:]
        for tag in (found ?? [:]).keys where V1Layout.tag(tag, in: repository) == nil {
            failures.append(FailedTag(repository.description, tag, reason: "its name is longer than any tag's"))
        }
        return found ?? [:]
    }

    private func image(_ id: V1ImageID) async throws -> RemoteImage? {
        if let known = images[id] { return known }
        let image = try await client.image(id)
        if images.count >= Self.imageLimit { images.removeAll() }
        images[id] = .some(image)
        return image
    }

    private func asking<Value>(_ key: ObjectKey, _ body: () async throws -> Value) async throws(StorageError) -> Value {
        do {
            return try await body()
        } catch let failure as RegistryFailure {
            throw StorageError(failure, key)
        } catch {
            throw .unreadable(key, reason: "\(error)")
        }
    }

    private static func attributes(_ kind: ObjectAttributes.Kind, _ byteCount: Int64) -> ObjectAttributes {
        ObjectAttributes(kind: kind, byteCount: byteCount, modified: 0)
    }
}

/// The registry does not have a repository that the operator listed.
private struct UnknownRepository: Error, CustomStringConvertible {
    var description: String { "the registry does not have it; check the name in the --repositories file" }
}
