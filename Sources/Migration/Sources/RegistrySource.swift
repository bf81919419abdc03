import Foundation
package import ImageModel
import NIOCore
package import RegistryClient
package import RegistryCore
package import Storage

/// A remote v1 registry.
///
/// A layer is read while it is being fetched into the workspace. Images never change: docker-registry refuses to write
/// one twice.
package struct RegistrySource: MigrationSource {
    package let identity: String
    package let tree: V1Tree
    package let keepsImages = true
    package let isRemote = true
    private let client: V1Client
    private let served: RemoteTree
    private let workspace: any FileStorage

    package var notices: [SourceNotice] { get async { await served.notices.sorted { $0.subject < $1.subject } } }
    package var failures: [FailedTag] { get async { await served.failures } }

    /// Lists the contents of a registry.
    ///
    /// - Parameters:
    ///   - names: The repositories to migrate; nil uses the registry's search.
    ///   - workspace: The storage for layers until they are blobs.
    package init(
        _ address: RegistryAddress,
        _ transport: RegistryTransport,
        names: [String]?,
        workspace: any FileStorage
    ) async throws {
        let client = V1Client(address, transport)
        try await client.ping()
        let found = if let names { names } else { try await Self.search(client, address) }
        self.client = client
        self.served = RemoteTree(
            client,
            names: Set(found.compactMap(V1RepositoryName.init(served:))).sorted(),
            areNamesListed: names != nil
        )
        self.tree = V1Tree(storage: served)
        self.identity = address.origin
        self.workspace = workspace
    }

    package func lookAhead(
        at repositories: [V1RepositoryName],
        isNeeded: @escaping @Sendable (_ tag: String, V1RepositoryName) -> Bool,
        isKnown: @escaping @Sendable (V1ImageID) -> Bool
    ) async throws {
        try await served.lookAhead(at: repositories, isNeeded: isNeeded, isKnown: isKnown)
    }

    package func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LayerFile {
        let announced = try await served.layerByteCount(of: id)
        let arriving = ArrivingLayer(id, byteCount: announced, from: client, to: workspace, progress: progress)
        let source = LinkSource(ArrivingLayer.file(of: id), in: workspace)
        if announced != nil { return LayerFile(source, arriving: arriving) }
        // The size must be known before the layer is read.
        _ = try await arriving.stream { _ in }
        await served.didFetch(id, byteCount: try await workspace.attributes(of: source.key)?.byteCount ?? 0)
        return LayerFile(source, isPatched: arriving.isPatched)
    }

    package func release(_ id: V1ImageID) async throws { try await workspace.remove(ArrivingLayer.file(of: id)) }

    private static func search(_ client: V1Client, _ address: RegistryAddress) async throws -> [String] {
        do { return try await client.search() } catch RegistryFailure.refused(_, let status, _) where status < 500 {
            throw NoSearch(origin: address.origin, status: status)
        }
    }
}

extension V1RepositoryName {
    /// Parses a name from a registry's search, or from an operator's list. The part after the first slash may be
    /// percent-encoded once, or twice if docker-registry found it by walking its own directories.
    fileprivate init?(served text: String) {
        let trimmed = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        guard !trimmed.isEmpty else { return nil }
        let parts = trimmed.split(separator: "/", maxSplits: 1).map(String.init)
        let namespace = parts.count == 2 ? parts[0] : Self.libraryNamespace
        var repository = parts.last ?? ""
        for _ in 0..<2 { repository = repository.removingPercentEncoding ?? repository }
        self.init(namespace: namespace, repository: repository)
    }
}

/// A registry cannot list its repositories.
package struct NoSearch: Error, CustomStringConvertible {
    let origin: String
    let status: Int

    package var description: String {
        "cannot list the repositories of \(origin) (its search failed with status \(status)): "
            + "list them in a file, one per line, and pass it with --repositories"
    }
}

extension StorageError {
    /// A registry's failure to return a key's content: `unreadable` for that key alone, `unreachable` for an outage.
    init(_ failure: RegistryFailure, _ key: ObjectKey) {
        self = failure.isOutage ? .unreachable(key, reason: "\(failure)") : .unreadable(key, reason: "\(failure)")
    }
}
