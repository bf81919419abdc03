import ImageModel
package import NIOCore
import NIOHTTP1

/// Random access to the bytes of a blob.
package protocol BlobBytes: Sendable {
    /// Up to `byteCount` bytes from `offset`; fewer only at the end.
    func read(at offset: Int64, byteCount: Int) async throws -> ByteBuffer
}

/// A blob being uploaded to a registry in chunks. Acknowledged bytes are not sent again.
struct BlobUpload {
    let connection: RegistryConnection
    let blob: Descriptor
    let name: RepositoryName
    let bytes: any BlobBytes
    let scopes: [String]

    /// The number of bytes per request.
    private static let chunkByteCount: Int64 = 32 << 20
    /// The number of times a chunk may fail, or be acknowledged only in small part, before the upload makes new
    /// progress.
    private static let failureLimit = 6
    /// The minimum progress for a chunk that is only partly acknowledged: a registry that accepts one byte per chunk
    /// would have the blob sent millions of times.
    private static let leastProgress: Int64 = 1 << 20

    /// The location and offset of an upload.
    private struct Position {
        var location: String
        var offset: Int64
    }

    func run(resuming location: String?, onBegin: (String) async throws -> Void) async throws {
        var position = try await start(location)
        try await onBegin(position.location)
        var failureCount = 0
        /// The furthest offset reached: bytes that a registry discards and receives again are not progress.
        var furthest = position.offset
        while position.offset < blob.size {
            let sent = position
            var failure: RegistryFailure?
            do {
                position = try await sendChunk(sent)
                try await onBegin(position.location)
            } catch let error as RegistryFailure where error.isPassing || error.isOutOfOrder {
                failure = error
            }
            if failure == nil, position.offset == end(of: sent) || position.offset - sent.offset >= Self.leastProgress {
                if position.offset > furthest { failureCount = 0 }
                furthest = max(furthest, position.offset)
                continue
            }
            failureCount += 1
            guard failureCount < Self.failureLimit else { throw failure ?? .stuckUpload(at: position.offset, blob) }
            guard failure != nil else { continue }
            try await Task.sleep(for: .milliseconds(100 << failureCount))
            if let current = try await status(position.location) {
                position = current
            } else {
                position = try await start(nil)
            }
            if position.offset > furthest { failureCount = 0 }
            furthest = max(furthest, position.offset)
        }
        try await finish(position)
    }

    /// The end of the chunk sent from a position.
    private func end(of position: Position) -> Int64 {
        position.offset + min(Self.chunkByteCount, blob.size - position.offset)
    }

    private func start(_ location: String?) async throws -> Position {
        if let location, let position = try await status(location) { return position }
        var request = RemoteRequest(.POST, "/v2/\(name)/blobs/uploads/", scopes: scopes)
        request.headers.add(name: "Content-Length", value: "0")
        let response = try await connection.send(request) { $0 == 202 }
        guard let location = response.location else {
            throw RegistryFailure.malformedResponse(what: request.description)
        }
        return Position(location: location, offset: 0)
    }

    /// The current offset of an upload; nil if the registry no longer knows it.
    private func status(_ location: String) async throws -> Position? {
        let response = try await connection.send(RemoteRequest(.GET, location, scopes: scopes)) {
            $0 == 204 || $0 == 200 || ($0 >= 400 && $0 < 500 && $0 != 401 && $0 != 429)
        }
        // An upload with more bytes than the blob belongs to another blob.
        guard response.status < 300, case let offset = Self.end(response) ?? 0, offset <= blob.size else { return nil }
        return Position(location: response.location ?? location, offset: offset)
    }

    private func sendChunk(_ position: Position) async throws -> Position {
        let end = end(of: position)
        let count = end - position.offset
        var request = RemoteRequest(.PATCH, position.location, scopes: scopes)
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.headers.add(name: "Content-Range", value: "\(position.offset)-\(end - 1)")
        request.body = .stream(ChunkBytes(bytes: bytes, start: position.offset, byteCount: count), byteCount: count)
        let response = try await connection.sendOnce(request) { $0 == 202 || $0 == 204 }
        let acknowledged = Self.end(response) ?? end
        guard acknowledged <= end else { throw RegistryFailure.malformedResponse(what: request.description) }
        // `0-0` after a one-byte chunk means that byte.
        let isOneByte = end == 1 && acknowledged == 0
        return Position(location: response.location ?? position.location, offset: isOneByte ? end : acknowledged)
    }

    private func finish(_ position: Position) async throws {
        let separator = position.location.contains("?") ? "&" : "?"
        var request = RemoteRequest(.PUT, "\(position.location)\(separator)digest=\(blob.digest)", scopes: scopes)
        request.headers.add(name: "Content-Length", value: "0")
        let response = try await connection.send(request) { [201, 204, 404].contains($0) }
        guard response.status == 404 else { return }
        // The upload ends when its blob is stored: the response confirming that may have been lost.
        guard try await DistributionClient(connection).byteCount(of: blob.digest, in: name) == blob.size else {
            throw RegistryFailure.refused(what: request.description, status: 404, message: "upload not found")
        }
    }

    /// The end of the bytes the registry has, from `Range: 0-N`.
    ///
    /// `0-0` can mean nothing or one byte, and is taken as nothing.
    private static func end(_ response: RemoteResponse) -> Int64? {
        guard let range = response.headers.first(name: "Range"), let last = range.split(separator: "-").last,
            let number = Int64(last)
        else { return nil }
        // No blob has that many bytes: the largest number is returned as is, to avoid overflow.
        return number == 0 || number == .max ? number : number + 1
    }
}

extension RegistryFailure {
    /// The failure when a registry acknowledges chunks without storing them.
    fileprivate static func stuckUpload(at offset: Int64, _ blob: Descriptor) -> RegistryFailure {
        .refused(
            what: "the upload of \(blob.digest)",
            status: 202,
            message: "it is stuck at byte \(offset) of \(blob.size), however often the rest is sent"
        )
    }

    /// Whether the registry's offset differs from the sender's.
    fileprivate var isOutOfOrder: Bool {
        if case .refused(_, 416, _) = self { true } else { false }
    }
}

/// A range of a blob, as the body of a request.
struct ChunkBytes: AsyncSequence, Sendable {
    let bytes: any BlobBytes
    let start: Int64
    let byteCount: Int64

    private static let pieceByteCount = 512 << 10

    struct AsyncIterator: AsyncIteratorProtocol {
        let chunk: ChunkBytes
        var offset: Int64

        mutating func next() async throws -> ByteBuffer? {
            let remaining = chunk.start + chunk.byteCount - offset
            guard remaining > 0 else { return nil }
            let piece = try await chunk.bytes.read(
                at: offset,
                byteCount: Int(Swift.min(remaining, Int64(ChunkBytes.pieceByteCount)))
            )
            guard piece.readableBytes > 0 else { throw ShortBlob() }
            offset += Int64(piece.readableBytes)
            return piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunk: self, offset: start) }
}

/// The error when a blob has fewer bytes than announced.
struct ShortBlob: Error, CustomStringConvertible {
    var description: String { "the file was truncated while it was being sent" }
}
