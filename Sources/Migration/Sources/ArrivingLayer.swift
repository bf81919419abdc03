package import ImageModel
import NIOCore
import RegistryClient
import RegistryCore
package import Storage
import Synchronization

/// A layer that is fetched from a v1 registry into a file of the workspace.
///
/// One that was cut off is taken up where it ended, also by another process.
final class ArrivingLayer: LayerArrival {
    private let client: V1Client
    private let id: V1ImageID
    /// How many bytes it has; nil when that was not announced, and all that comes is taken.
    private let announced: Int64?
    private let workspace: any FileStorage
    private let progress: @Sendable (Int) async throws -> Void
    private let patched = Atomic(false)

    /// How many bytes are written at once.
    private static let writeByteCount = 256 << 10

    /// How often in a row a layer may be cut off without a byte of it arriving.
    private static let failureLimit = 5

    init(
        _ id: V1ImageID,
        byteCount: Int64?,
        from client: V1Client,
        to workspace: any FileStorage,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) {
        self.id = id
        self.announced = byteCount
        self.client = client
        self.workspace = workspace
        self.progress = progress
    }

    /// The file that its bytes are written to.
    static func file(of id: V1ImageID) -> ObjectKey { OwnLayout.root.appending("fetched/\(id)") }

    /// Whether several answers brought it, so that it is not to blame for what is wrong with it.
    var isPatched: Bool { patched.load(ordering: .relaxed) }

    func bring(_ take: (ByteBuffer) async throws -> Void) async throws -> Bool {
        let key = Self.file(of: id)
        let writer = try await workspace.append(to: key, isTemporary: true)
        do {
            var isShown = await writer.byteCount == 0
            try await fetch(to: writer, take, &isShown)
            if isPatched, let announced, await writer.byteCount != announced {
                try await writer.truncate(to: 0)
                isShown = false
                try await fetch(to: writer, take, &isShown)
            }
            try await writer.close()
            let fetched = await writer.byteCount
            guard announced == nil || announced == fetched else {
                throw ImageDamage(id, announced: announced ?? 0, fetched: fetched)
            }
            return isShown
        } catch let damage as ImageDamage {
            try await writer.close()
            try await workspace.remove(key)
            throw damage
        } catch {
            try await writer.close()
            throw error
        }
    }

    /// Fetches what is missing.
    ///
    /// - Parameter isShown: Whether `take` was shown everything that was written, and is to be shown the rest.
    private func fetch(
        to writer: any FileWriter,
        _ take: (ByteBuffer) async throws -> Void,
        _ isShown: inout Bool
    ) async throws {
        if let announced, await writer.byteCount > announced { try await writer.truncate(to: 0) }
        let isResumed = await writer.byteCount > 0
        var answerCount = 0
        var failureCount = 0
        /// The most that ever came: what comes again and again is no progress.
        var furthest = await writer.byteCount
        while true {
            let before = await writer.byteCount
            if let announced, before >= announced { break }
            let end = try await fetchRest(to: writer, take, &isShown)
            answerCount += 1
            if end == .exhausted || end == .reached && announced == nil { break }
            try Task.checkCancellation()
            failureCount = await writer.byteCount > furthest ? 0 : failureCount + 1
            furthest = max(furthest, await writer.byteCount)
            if failureCount > Self.failureLimit {
                if announced != nil { break }
                throw ImageDamage(
                    image: id,
                    reason: "image \(id): its layer is cut off by the registry again and again"
                )
            }
            if failureCount > 0 { try await Task.sleep(for: .milliseconds(100 << failureCount)) }
        }
        patched.store(isResumed || answerCount > 1, ordering: .relaxed)
    }

    /// How a response ended.
    private enum End {
        case cutOff
        case reached
        /// There is nothing behind what was fetched before.
        case exhausted
    }

    /// Fetches from where the layer ends so far; one that begins anew is shown no more.
    private func fetchRest(
        to writer: any FileWriter,
        _ take: (ByteBuffer) async throws -> Void,
        _ isShown: inout Bool
    ) async throws -> End {
        let layer: ServedLayer?
        let start = await writer.byteCount
        do { layer = try await client.layer(of: id, from: start) } catch let failure as RegistryFailure {
            throw StorageError(failure, V1Layout.layer(id))
        }
        guard let layer else { throw DamagedImage(id, .noLayer) }
        guard layer.remaining != 0 else { return .exhausted }
        if layer.offset != start {
            try await writer.truncate(to: layer.offset)
            isShown = false
        }
        let isTaken = isShown
        var end = End.reached
        var fetched = layer.offset
        // Pieces are as small as the network has them: each write is a hop to another thread.
        var unwritten = ByteBuffer()
        do {
            try await layer.forEachPiece { piece in
                if unwritten.readableBytes == 0 { unwritten = piece } else { unwritten.writeImmutableBuffer(piece) }
                try await progress(piece.readableBytes)
                fetched += Int64(piece.readableBytes)
                // A response without an end would fill the disk.
                if let announced, fetched > announced { throw TooManyBytes() }
                guard unwritten.readableBytes >= Self.writeByteCount else { return }
                try await write(unwritten, to: writer, take, isTaken)
                unwritten.clear()
            }
        } catch is RegistryFailure {
            // It was cut off: a registry that is down shows when the rest is asked for.
            end = .cutOff
        } catch is TooManyBytes {
            end = .reached
        }
        if unwritten.readableBytes > 0 { try await write(unwritten, to: writer, take, isTaken) }
        return end
    }

    /// Writes bytes, and shows them while they are being written.
    private func write(
        _ bytes: ByteBuffer,
        to writer: any FileWriter,
        _ take: (ByteBuffer) async throws -> Void,
        _ isTaken: Bool
    ) async throws {
        try await Task.beginning {
            try await writer.append(bytes)
        } during: {
            if isTaken { try await take(bytes) }
        }
    }
}

/// A response goes on behind the size that was announced of.
private struct TooManyBytes: Error {}

extension ImageDamage {
    /// Fewer or more bytes came than the registry announced of.
    fileprivate init(_ id: V1ImageID, announced: Int64, fetched: Int64) {
        self.init(
            image: id,
            reason: "image \(id): its layer came with \(fetched) bytes, where the registry tells of \(announced)"
        )
    }
}

/// Where the layer of an image can be read.
package struct LayerFile: Sendable {
    package let source: LinkSource
    /// What brings its bytes there; nil when they are there.
    let arrival: ArrivingLayer?
    private let wasPatched: Bool

    /// Whether it was put together of what several answers brought, so that it is not to blame for what is wrong with it.
    package var isPatched: Bool { arrival?.isPatched ?? wasPatched }

    package init(_ source: LinkSource, isPatched: Bool = false) {
        self.source = source
        self.arrival = nil
        self.wasPatched = isPatched
    }

    init(_ source: LinkSource, arriving layer: ArrivingLayer) {
        self.source = source
        self.arrival = layer
        self.wasPatched = false
    }
}

/// A layer of a chain, once it was read and is a blob.
package struct ReadLayer: Sendable {
    /// The image of v1 whose layer it is.
    package let image: V1ImageID
    package let blob: Descriptor
    package let diffID: Digest
}
