import ImageModel
package import NIOCore
import NIOHTTP1

/// The bytes of a blob, at any offset.
package protocol BlobBytes: Sendable {
    /// Up to `byteCount` bytes from `offset`: fewer only at the end.
    func read(at offset: Int64, byteCount: Int) async throws -> ByteBuffer
}

/// One blob on its way to a registry, in chunks: what was acknowledged is not sent again.
struct BlobUpload {
    let connection: RegistryConnection
    let blob: Descriptor
    let name: RepositoryName
    let bytes: any BlobBytes
    let scopes: [String]

    /// How many bytes one request carries.
    private static let chunkByteCount: Int64 = 32 << 20
    /// How often in a row a chunk may fail without a byte of it arriving.
    private static let failureLimit = 6

    /// Where an upload is, and how far.
    private struct Position {
        var location: String
        var offset: Int64
    }

    func run(resuming location: String?, onBegin: (String) async throws -> Void) async throws {
        var position = try await start(location)
        try await onBegin(position.location)
        var failureCount = 0
        while position.offset < blob.size {
            do {
                position = try await sendChunk(position)
                failureCount = 0
                try await onBegin(position.location)
            } catch let failure as RegistryFailure where failure.isPassing || failure.isOutOfOrder {
                failureCount += 1
                guard failureCount < Self.failureLimit else { throw failure }
                try await Task.sleep(for: .milliseconds(100 << failureCount))
                let before = position.offset
                if let current = try await status(position.location) {
                    position = current
                } else {
                    position = try await start(nil)
                }
                if position.offset > before { failureCount = 0 }
            }
        }
        try await finish(position)
    }

    private func start(_ location: String?) async throws -> Position {
        if let location, let position = try await status(location) { return position }
        var request = RegistryRequest(.POST, "/v2/\(name)/blobs/uploads/", scopes: scopes)
        request.headers.add(name: "Content-Length", value: "0")
        let answer = try await connection.send(request) { $0 == 202 }
        guard let location = answer.location else {
            throw RegistryFailure.malformedAnswer(what: request.description)
        }
        return Position(location: location, offset: 0)
    }

    /// How far an upload is; nil when the registry does not know it any more.
    private func status(_ location: String) async throws -> Position? {
        let answer = try await connection.send(RegistryRequest(.GET, location, scopes: scopes)) {
            $0 == 204 || $0 == 200 || ($0 >= 400 && $0 < 500 && $0 != 401 && $0 != 429)
        }
        guard answer.status < 300 else { return nil }
        return Position(location: answer.location ?? location, offset: Self.end(answer) ?? 0)
    }

    private func sendChunk(_ position: Position) async throws -> Position {
        let count = min(Self.chunkByteCount, blob.size - position.offset)
        var request = RegistryRequest(.PATCH, position.location, scopes: scopes)
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.headers.add(name: "Content-Range", value: "\(position.offset)-\(position.offset + count - 1)")
        request.body = .stream(ChunkBytes(bytes: bytes, start: position.offset, byteCount: count), byteCount: count)
        let answer = try await connection.sendOnce(request) { $0 == 202 || $0 == 204 }
        let end = position.offset + count
        return Position(location: answer.location ?? position.location, offset: Self.end(answer) ?? end)
    }

    private func finish(_ position: Position) async throws {
        let separator = position.location.contains("?") ? "&" : "?"
        var request = RegistryRequest(.PUT, "\(position.location)\(separator)digest=\(blob.digest)", scopes: scopes)
        request.headers.add(name: "Content-Length", value: "0")
        let answer = try await connection.send(request) { [201, 204, 404].contains($0) }
        guard answer.status == 404 else { return }
        // The upload ends with its blob: the answer that said so may have been lost.
        guard try await DistributionClient(connection).byteCount(of: blob.digest, in: name) == blob.size else {
            throw RegistryFailure.refused(what: request.description, status: 404, message: "the upload is gone")
        }
    }

    /// The offset behind the last byte that the registry has: from `Range: 0-N`.
    ///
    /// `0-0` is both nothing and one byte; an upload of one byte is sent again.
    private static func end(_ answer: RegistryAnswer) -> Int64? {
        guard let range = answer.headers.first(name: "Range"), let last = range.split(separator: "-").last,
            let number = Int64(last)
        else { return nil }
        return number == 0 ? 0 : number + 1
    }
}

extension RegistryFailure {
    /// Whether the registry has more or fewer bytes than the sender thinks.
    fileprivate var isOutOfOrder: Bool {
        if case .refused(_, 416, _) = self { true } else { false }
    }
}

/// A stretch of a blob as the body of a request.
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

/// A blob has fewer bytes than it was said to have.
struct ShortBlob: Error, CustomStringConvertible {
    var description: String { "the file became shorter while it was sent" }
}
