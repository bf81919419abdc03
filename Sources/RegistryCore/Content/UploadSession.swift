import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// An upload in progress: its bytes so far, and their hash.
///
/// Only one request at a time may change it; others are refused, not queued.
actor UploadSession {
    nonisolated let id: UploadID
    nonisolated let repository: RepositoryName
    /// Its bytes; in memory if there are few and a single request sends all of them.
    nonisolated let staged: any StagedObject
    /// When it was begun, in nanoseconds since 1970; nil if an earlier process began it.
    nonisolated let begun: Int64?
    private var hash: UploadHash
    /// The number of bytes covered by the last saved hash; nil if none was saved.
    private var savedByteCount: Int64?
    private var isBusy = false
    /// Whether it is being discarded.
    private var isClosed = false
    /// When it was last changed; nil if its files record that.
    private var changed: Int64?

    /// - Parameter hash: The hash of all bytes of `staged`.
    init(
        id: UploadID,
        repository: RepositoryName,
        staged: any StagedObject,
        begun: Int64?,
        isStored: Bool,
        hash: UploadHash
    ) {
        self.id = id
        self.repository = repository
        self.staged = staged
        self.begun = begun
        self.hash = hash
        self.changed = isStored ? nil : WallClock.now
    }

    /// How many bytes the upload has.
    var byteCount: Int64 { hash.byteCount }

    /// Appends a complete chunk, or as much of it as arrives before the client disconnects.
    ///
    /// - Parameter isLast: Whether this is the last chunk. If not, the bytes survive the process on return.
    func append<Chunk: AsyncSequence & Sendable>(
        _ chunk: Chunk,
        at offset: Int64?,
        expecting length: Int64?,
        isLast: Bool
    ) async throws where Chunk.Element == ByteBuffer {
        try begin()
        defer { isBusy = false }
        let start = hash
        if let offset, offset != start.byteCount { throw RegistryError.uploadOutOfOrder(byteCount: start.byteCount) }
        do {
            // If the client disconnects, what it sent is kept, so that it can continue.
            try await chunk.forEachPiece { try await flush($0) }
            if let length, hash.byteCount != start.byteCount + length {
                try await staged.rollBack(to: start.byteCount)
                if let saved = savedByteCount, saved > start.byteCount { savedByteCount = nil }
                hash = start
                throw RegistryError.uploadInvalid(reason: "the body does not match its range of \(length) bytes")
            }
        } catch {
            try await checkpoint()
            throw error
        }
        if !isLast { try await checkpoint() }
    }

    /// The number of bytes below which hashing again is cheaper than saving the hash.
    private static let savingStep: Int64 = 256 << 10

    private func checkpoint() async throws {
        let isSaved = hash.byteCount - (savedByteCount ?? 0) >= Self.savingStep
        try await staged.checkpoint(isSaved ? ByteBuffer(bytes: hash.saved) : nil)
        if isSaved { savedByteCount = hash.byteCount }
        changed = nil
    }

    /// Whether it has not been changed since `limit`, and has no files that record changes.
    func isForgotten(since limit: Int64) -> Bool { changed.map { $0 < limit && !isBusy } ?? false }

    /// Requests a digest by an algorithm other than SHA-256, before the first byte.
    func prepare(for algorithm: Digest.Algorithm) { hash.prepare(for: algorithm) }

    /// Ends the upload, and returns the digest of its bytes and their SHA-256.
    ///
    /// - Throws: `StorageError.absent` if another process removed some of its bytes.
    func finish(_ algorithm: Digest.Algorithm) async throws -> (digest: Digest, stored: Digest) {
        try begin()
        do { return try await digests(algorithm) } catch {
            reopen()
            throw error
        }
    }

    private func digests(_ algorithm: Digest.Algorithm) async throws -> (digest: Digest, stored: Digest) {
        let stored = hash.digest
        if let digest = hash.digest(by: algorithm) { return (digest, stored) }
        var hash = StreamingDigest(algorithm)
        try await hash.update(reading: try await staged.reader())
        return (hash.digest(), stored)
    }

    /// Closes the upload to all later requests: for them it is unknown.
    func close() throws {
        try begin()
        isClosed = true
    }

    /// Reopens the upload after ``finish(_:)``, if its result could not be stored.
    func reopen() { isBusy = false }

    private func begin() throws {
        guard !isClosed else { throw RegistryError.uploadUnknown(id.description) }
        guard !isBusy else { throw RegistryError.uploadBusy(byteCount: hash.byteCount) }
        isBusy = true
    }

    /// Writes and hashes; concurrently if there are many bytes.
    private func flush(_ bytes: ByteBuffer) async throws {
        var next = hash
        if bytes.readableBytes <= HeavyWork.smallDocumentByteCount {
            try await staged.append(bytes)
            await next.take(bytes)
        } else {
            async let written: Void = staged.append(bytes)
            await next.take(bytes)
            try await written
        }
        hash = next
    }
}
