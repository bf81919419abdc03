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

    package var notices: [SourceNotice] { get async { await served.notices } }
    package var failures: [FailedTag] { get async { await served.failures } }

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
        let found = if let names { names } else { try await Self.search(client, address) }
        self.client = client
        self.served = ServedTree(
            client,
            names: Set(found.compactMap(V1RepositoryName.init(served:))).sorted(),
            areNamesListed: names != nil
        )
        self.tree = V1Tree(storage: served)
        self.identity = address.origin
        self.workspace = workspace
    }

    package func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LayerFile {
        let key = Self.key(of: id)
        let told = try await served.layerByteCount(of: id)
        let writer = try await workspace.append(to: key)
        do {
            var isPatched = try await fetch(id, told, to: writer, progress)
            if isPatched, let told, await writer.byteCount != told {
                try await writer.truncate(to: 0)
                isPatched = try await fetch(id, told, to: writer, progress)
            }
            try await writer.close()
            let fetched = await writer.byteCount
            if told == nil { await served.didFetch(id, byteCount: fetched) }
            guard told == nil || told == fetched else { throw ImageDamage(id, told: told ?? 0, fetched: fetched) }
            return LayerFile(LinkSource(key, in: workspace), isPatched: isPatched)
        } catch let damage as ImageDamage {
            try await writer.close()
            try await workspace.remove(key)
            throw damage
        } catch {
            try await writer.close()
            throw error
        }
    }

    package func release(_ id: V1ImageID) async throws { try await workspace.remove(Self.key(of: id)) }

    private static func search(_ client: LegacyClient, _ address: RegistryAddress) async throws -> [String] {
        do { return try await client.search() } catch RegistryFailure.refused(_, let status, _) where status < 500 {
            throw NoSearch(origin: address.origin, status: status)
        }
    }

    /// Fetches a layer, and answers whether it came in several pieces.
    ///
    /// - Parameter told: How many bytes it has; nil when that was not told, and all that comes is taken.
    private func fetch(
        _ id: V1ImageID,
        _ told: Int64?,
        to writer: any ObjectWriter,
        _ progress: @Sendable (Int) async throws -> Void
    ) async throws -> Bool {
        if let told, await writer.byteCount > told { try await writer.truncate(to: 0) }
        let isResumed = await writer.byteCount > 0
        var answerCount = 0
        var failureCount = 0
        while true {
            let before = await writer.byteCount
            if let told, before >= told { break }
            let end = try await fetchRest(of: id, to: writer, progress)
            answerCount += 1
            if end == .exhausted || end == .reached && told == nil { break }
            try Task.checkCancellation()
            failureCount = await writer.byteCount > before ? 0 : failureCount + 1
            if failureCount > Self.failureLimit {
                if told != nil { break }
                throw ImageDamage(
                    image: id,
                    reason: "image \(id): its layer is cut off by the registry again and again"
                )
            }
            if failureCount > 0 { try await Task.sleep(for: .milliseconds(100 << failureCount)) }
        }
        return isResumed || answerCount > 1
    }

    /// How an answer ended.
    private enum End {
        case cutOff
        case reached
        /// There is nothing behind what was fetched before.
        case exhausted
    }

    /// Fetches from where a layer ends so far.
    private func fetchRest(
        of id: V1ImageID,
        to writer: any ObjectWriter,
        _ progress: @Sendable (Int) async throws -> Void
    ) async throws -> End {
        let layer: ServedLayer?
        do { layer = try await client.layer(of: id, from: await writer.byteCount) } catch let failure as RegistryFailure
        {
            throw StorageError(failure, V1Layout.layer(id))
        }
        guard let layer else { throw DamagedImage(id, .noLayer) }
        guard layer.remaining != 0 else { return .exhausted }
        try await writer.truncate(to: layer.offset)
        var end = End.reached
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
            end = .cutOff
        }
        if unwritten.readableBytes > 0 { try await writer.append(unwritten) }
        return end
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

extension ImageDamage {
    /// Fewer or more bytes came than the registry told of.
    fileprivate init(_ id: V1ImageID, told: Int64, fetched: Int64) {
        self.init(
            image: id,
            reason: "image \(id): its layer came with \(fetched) bytes, where the registry tells of \(told)"
        )
    }
}

/// A registry cannot list its repositories.
package struct NoSearch: Error, CustomStringConvertible {
    let origin: String
    let status: Int

    package var description: String {
        "\(origin) does not say which repositories it has (its search was answered with status \(status)): "
            + "list them in a file, one a line, and name the file with --repositories"
    }
}
