import Foundation
package import ImageModel
import NIOCore
package import RegistryClient
package import RegistryCore
package import Storage

/// A v1 registry that is served elsewhere.
///
/// A layer is fetched into the workspace first, where it is read like any other; one that was cut off is taken up where
/// it ended, also by another process. An image never changes: docker-registry refuses to write one a second time.
package struct RegistrySource: MigrationSource {
    package let identity: String
    package let tree: V1Tree
    package let keepsImages = true
    package let isServed = true
    private let client: LegacyClient
    private let served: ServedTree
    private let workspace: any ObjectStorage

    /// How many bytes are written at once.
    private static let writeByteCount = 512 << 10

    /// How often in a row a layer may be cut off without a byte of it arriving.
    private static let failureLimit = 5

    /// Asks a registry what there is.
    ///
    /// - Parameters:
    ///   - names: The repositories to take; nil asks the registry's search.
    ///   - workspace: Where layers are kept until they are blobs.
    package init(
        _ address: RegistryAddress,
        _ transport: RegistryTransport,
        names: [String]?,
        workspace: any ObjectStorage
    ) async throws {
        let client = LegacyClient(address, transport)
        try await client.ping()
        let found = if let names { names } else { try await client.search() }
        self.client = client
        self.served = ServedTree(client, names: found.compactMap(V1RepositoryName.init(served:)))
        self.tree = V1Tree(storage: served)
        self.identity = address.origin
        self.workspace = workspace
    }

    package func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LinkSource {
        let key = Self.key(of: id)
        let writer = try await workspace.append(to: key)
        do {
            try await fetch(id, byteCount, to: writer, progress)
            try await writer.close()
        } catch {
            try await writer.close()
            throw error
        }
        return LinkSource(key, in: workspace)
    }

    package func release(_ id: V1ImageID) async throws { try await workspace.remove(Self.key(of: id)) }

    private func fetch(
        _ id: V1ImageID,
        _ byteCount: Int64,
        to writer: any ObjectWriter,
        _ progress: @Sendable (Int) async throws -> Void
    ) async throws {
        if await writer.byteCount > byteCount { try await writer.truncate(to: 0) }
        var failureCount = 0
        while await writer.byteCount < byteCount {
            let before = await writer.byteCount
            try await fetchRest(of: id, to: writer, progress)
            try Task.checkCancellation()
            failureCount = await writer.byteCount > before ? 0 : failureCount + 1
            // What ends early again and again is all that there is: the checksum says what to make of it.
            if failureCount > Self.failureLimit { return }
            if failureCount > 0 { try await Task.sleep(for: .milliseconds(100 << failureCount)) }
        }
    }

    private func fetchRest(
        of id: V1ImageID,
        to writer: any ObjectWriter,
        _ progress: @Sendable (Int) async throws -> Void
    ) async throws {
        let layer: ServedLayer?
        do { layer = try await client.layer(of: id, from: await writer.byteCount) } catch let failure as RegistryFailure
        {
            throw StorageError(failure, V1Layout.layer(id))
        }
        guard let layer else { throw DamagedImage(id, .noLayer) }
        try await writer.truncate(to: layer.offset)
        // Pieces are as small as the network has them: each write is a hop to another thread.
        var unwritten = ByteBuffer()
        do {
            try await layer.forEachPiece { piece in
                unwritten.writeImmutableBuffer(piece)
                try await progress(piece.readableBytes)
                guard unwritten.readableBytes >= Self.writeByteCount else { return }
                try await writer.append(unwritten)
                unwritten.clear()
            }
        } catch is RegistryFailure {
            // It was cut off: a registry that is down shows when the rest is asked for.
        }
        if unwritten.readableBytes > 0 { try await writer.append(unwritten) }
    }

    private static func key(of id: V1ImageID) -> ObjectKey { OwnLayout.root.appending("fetched/\(id)") }
}

extension V1RepositoryName {
    /// A name as a registry's search tells it, or as an operator lists it: what is behind the first slash may be quoted,
    /// once or, from docker-registry's walk through its own directories, twice.
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
