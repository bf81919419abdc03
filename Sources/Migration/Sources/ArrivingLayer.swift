package import ImageModel
import NIOCore
import RegistryClient
import RegistryCore
package import Storage
import Synchronization

/// A layer on its way from a v1 registry into a file of the workspace.
///
/// An interrupted download is resumed, even by another process.
final class ArrivingLayer: LayerArrival {
    private let client: V1Client
    private let id: V1ImageID
    /// The announced size; nil when none was announced, and everything received is accepted.
    private let announced: Int64?
    private let workspace: any FileStorage
    private let progress: @Sendable (Int) async throws -> Void
    private let patched = Atomic(false)

    /// The size of a write.
    private static let writeByteCount = 256 << 10

    /// How many times in a row a download may be cut off without progress.
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

    /// The file that the layer is written to.
    static func file(of id: V1ImageID) -> ObjectKey { OwnLayout.root.appending("fetched/\(id)") }

    /// Whether the layer was pieced together from several responses, so damage may be the fault of the pieces.
    var isPatched: Bool { patched.load(ordering: .relaxed) }

    func stream(to take: (ByteBuffer) async throws -> Void) async throws -> Bool {
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

    /// Fetches the rest of the layer.
    ///
    /// - Parameter isShown: Whether `take` has received everything written so far, and gets the rest.
    private func fetch(
        to writer: any FileWriter,
        _ take: (ByteBuffer) async throws -> Void,
        _ isShown: inout Bool
    ) async throws {
        if let announced, await writer.byteCount > announced { try await writer.truncate(to: 0) }
        let isResumed = await writer.byteCount > 0
        var answerCount = 0
        var failureCount = 0
        /// The furthest position reached: receiving the same bytes again is no progress.
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
                    reason: "image \(id): the registry repeatedly cuts off the download of its layer"
                )
            }
            if failureCount > 0 { try await Task.sleep(for: .milliseconds(100 << failureCount)) }
        }
        patched.store(isResumed || answerCount > 1, ordering: .relaxed)
    }

    /// The end of a response.
    private enum End {
        case cutOff
        case reached
        /// There are no bytes after those already fetched.
        case exhausted
    }

    /// Fetches from the current end of the file. If the response restarts the layer, `take` gets no more bytes.
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
        // The network delivers small pieces, and every write is a hop to another thread: collect them.
        var unwritten = ByteBuffer()
        do {
            try await layer.forEachPiece { piece in
                if unwritten.readableBytes == 0 { unwritten = piece } else { unwritten.writeImmutableBuffer(piece) }
                try await progress(piece.readableBytes)
                fetched += Int64(piece.readableBytes)
                // An endless response would fill the disk.
                if let announced, fetched > announced { throw TooManyBytes() }
                guard unwritten.readableBytes >= Self.writeByteCount else { return }
                try await write(unwritten, to: writer, take, isTaken)
                unwritten.clear()
            }
        } catch is RegistryFailure {
            // Cut off. If the registry is down, the request for the rest will tell.
            end = .cutOff
        } catch is TooManyBytes {
            end = .reached
        }
        if unwritten.readableBytes > 0 { try await write(unwritten, to: writer, take, isTaken) }
        return end
    }

    /// Writes bytes, and passes them to `take` while they are being written.
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

/// A response continues beyond the announced size.
private struct TooManyBytes: Error {}

extension ImageDamage {
    /// The registry sent fewer or more bytes than announced.
    fileprivate init(_ id: V1ImageID, announced: Int64, fetched: Int64) {
        self.init(
            image: id,
            reason: "image \(id): its layer has \(fetched) bytes, but the registry announced \(announced)"
        )
    }
}

/// A file with the layer of an image.
package struct LayerFile: Sendable {
    /// Where the file is. It is incomplete until its download has ended.
    package let source: LinkSource
    /// The download that writes the file; nil when the file is complete.
    let arrival: ArrivingLayer?
    private let wasPatched: Bool

    /// Whether the layer was pieced together from several responses, so damage may be the fault of the pieces.
    package var isPatched: Bool { arrival?.isPatched ?? wasPatched }

    /// A complete file.
    ///
    /// - Parameter isPatched: Whether it was pieced together from several responses.
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

/// A layer of a chain that has been read and stored as a blob.
package struct ReadLayer: Sendable {
    /// The v1 image it belongs to.
    package let image: V1ImageID
    /// The blob with its bytes.
    package let blob: Descriptor
    /// The digest of its tar.
    package let diffID: Digest
}
