import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// An upload in progress: its bytes so far, and their hash.
///
/// One request at a time may change it; another is refused, not queued.
actor UploadSession {
    nonisolated let id: UploadID
    nonisolated let repository: RepositoryName
    /// Its bytes: in memory, where they are few and one request sends all of them.
    nonisolated let staged: any StagedObject
    /// When it was begun, in nanoseconds since 1970; nil when an earlier process began it.
    nonisolated let begun: Int64?
    private var hash: UploadHash
    /// How many bytes the hash that was saved last is of; nil when none was.
    private var savedByteCount: Int64?
    private var isBusy = false
    /// When it was changed last; nil when its files say so.
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

    /// Appends a chunk whole, or as much of it as arrives before the client is gone.
    ///
    /// - Parameter isLast: Whether the upload ends with it. If not, the bytes outlive the process when this returns.
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
            // Where the client is gone, what it sent is kept, so that it can go on from there.
            try await chunk.forEachPiece { try await flush($0) }
            if let length, hash.byteCount != start.byteCount + length {
                try await staged.rollBack(to: start.byteCount)
                if let saved = savedByteCount, saved > start.byteCount { savedByteCount = nil }
                hash = start
                throw RegistryError.uploadInvalid(reason: "the body does not have the \(length) bytes of its range")
            }
        } catch {
            try await checkpoint()
            throw error
        }
        if !isLast { try await checkpoint() }
    }

    /// What costs less to be hashed again than to be saved.
    private static let savingStep: Int64 = 256 << 10

    private func checkpoint() async throws {
        let isSaved = hash.byteCount - (savedByteCount ?? 0) >= Self.savingStep
        try await staged.checkpoint(isSaved ? ByteBuffer(bytes: hash.saved) : nil)
        if isSaved { savedByteCount = hash.byteCount }
        changed = nil
    }

    /// Whether nobody has changed it since a time, and it has no files that say so.
    func isForgotten(since limit: Int64) -> Bool { changed.map { $0 < limit && !isBusy } ?? false }

    /// Asks for a digest by another algorithm than SHA-256, before the first byte.
    func prepare(for algorithm: Digest.Algorithm) { hash.prepare(for: algorithm) }

    /// Ends the upload and returns the digest of its bytes, and their SHA-256.
    ///
    /// - Throws: `StorageError.absent` when another process took bytes of it away.
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

    /// Takes the upload away from every request that comes later.
    func close() throws { try begin() }

    /// Gives the upload back after ``finish(_:)`` whose result could not be kept.
    func reopen() { isBusy = false }

    private func begin() throws {
        guard !isBusy else { throw RegistryError.uploadBusy(byteCount: hash.byteCount) }
        isBusy = true
    }

    /// Writes and hashes, at the same time where there is much of it.
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
