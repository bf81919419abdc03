import Foundation
import ImageModel
package import NIOCore
import RegistryClient
import RegistryCore
package import Storage

/// What a v1 registry serves, as the tree that docker-registry would have it in. Nothing can be written to it.
///
/// Files have no times: what is asked for is asked of the registry, or remembered from a moment ago.
package actor RemoteTree: UnwritableStorage {
    private let client: V1Client
    private let names: [V1RepositoryName]
    private var tags: [V1RepositoryName: [String: String]] = [:]
    private var images: [V1ImageID: RemoteImage?] = [:]
    /// What was asked for ahead: each is needed once.
    private var ancestries: [V1ImageID: ByteBuffer?] = [:]
    /// The images that were asked for ahead.
    private var expected: Set<V1ImageID> = []
    /// Whether there is a layer, and how large those were that were fetched: of images that nothing was told of.
    private var layers: [V1ImageID: Int64?] = [:]
    /// Whether the operator listed the names, so that each of them must be there.
    private let areNamesListed: Bool
    /// What search names and is not there.
    private(set) var notices: [SourceNotice] = []
    /// The tags that no file could be named for.
    private(set) var failures: [FailedTag] = []

    /// How many images' JSON is kept: chains share their lower parts, and are walked one after the other.
    private static let imageLimit = 4096

    /// How many repositories are asked about at once.
    private static let aheadWidth = 8

    /// - Parameters:
    ///   - names: The repositories that there are.
    ///   - areNamesListed: Whether the operator listed them; else search did.
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

    /// Layers are fetched by ``RegistrySource``, not opened here.
    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? { nil }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        let components = prefix.description.split(separator: "/").map(String.init)
        guard components.first == V1Layout.repositories.name else { return [] }
        let all = try await asking(prefix) { try await self.entries(components) }
        return Array(all.drop { entry in name.map { entry.name <= $0 } ?? false }.prefix(limit))
    }

    /// The size of a layer, as the response to its JSON told it; nil when it did not.
    func layerByteCount(of id: V1ImageID) async throws -> Int64? { try await image(id)?.byteCount }

    /// Asks for what a survey of repositories will need, and remembers it.
    ///
    /// - Throws: `CancellationError` alone.
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
            // The survey meets the same, and says so.
        }
    }

    private func takeAncestry(of id: V1ImageID) -> ByteBuffer?? { ancestries.removeValue(forKey: id) }

    /// Takes note of how large a layer is whose size was not told.
    func didFetch(_ id: V1ImageID, byteCount: Int64) { layers[id] = .some(byteCount) }

    private func layerAttributes(_ id: V1ImageID) async throws -> ObjectAttributes? {
        let image = try await image(id)
        guard image?.isInProgress != true else { return nil }
        if let byteCount = image?.byteCount { return Self.attributes(.object, byteCount) }
        // What has no layer is told no size of, and neither is what has no JSON.
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
            let text = "search names it, but the registry does not have it"
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
    var description: String { "the registry does not have it; is the name in the list of --repositories right?" }
}
