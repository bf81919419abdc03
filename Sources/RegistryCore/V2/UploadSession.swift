import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// An upload in progress: where it ends, and the hash of what it has.
///
/// One request at a time may change it; another is refused, not queued.
actor UploadSession {
    nonisolated let id: UploadID
    nonisolated let repository: RepositoryName
    private let storage: any ObjectStorage
    private var hash: UploadHash
    /// How many bytes the hash that was saved last is of; nil when none was.
    private var savedByteCount: Int64?
    private var isBusy = false

    init(id: UploadID, repository: RepositoryName, storage: any ObjectStorage, hash: UploadHash) {
        self.id = id
        self.repository = repository
        self.storage = storage
        self.hash = hash
    }

    /// How many bytes the upload has.
    var byteCount: Int64 { hash.byteCount }

    private var key: ObjectKey { V2Layout.uploadData(id, in: repository) }

    /// Appends a chunk whole, or as much of it as arrives before the client is gone.
    func append<Chunk: AsyncSequence & Sendable>(_ chunk: Chunk, at offset: Int64?, expecting length: Int64?)
        async throws where Chunk.Element == ByteBuffer
    {
        try begin()
        defer { isBusy = false }
        let start = hash
        if let offset, offset != start.byteCount { throw RegistryError.uploadOutOfOrder(byteCount: start.byteCount) }
        let writer = try await storage.append(to: key)
        do {
            // Another process may have taken the file away, or cut it: what was hashed is not what would be stored.
            guard await writer.byteCount >= start.byteCount else {
                throw RegistryError.uploadUnknown(id.description)
            }
            // A process that died in the midst of a write may have left bytes that were never acknowledged.
            if await writer.byteCount > start.byteCount { try await writer.truncate(to: start.byteCount) }
            // Where the client is gone, what it sent is kept, so that it can go on from there.
            try await chunk.forEachPiece { try await flush($0, to: writer) }
            if let length, hash.byteCount != start.byteCount + length {
                try await writer.truncate(to: start.byteCount)
                hash = start
                throw RegistryError.uploadInvalid(reason: "the body does not have the \(length) bytes of its range")
            }
        } catch {
            try await writer.close()
            try await saveHashIfWorthwhile()
            throw error
        }
        try await writer.close()
        try await saveHashIfWorthwhile()
    }

    /// What costs less to be hashed again than to be saved.
    private static let savingStep: Int64 = 256 << 10

    private func saveHashIfWorthwhile() async throws {
        let saved = savedByteCount ?? 0
        guard hash.byteCount < saved || hash.byteCount - saved >= Self.savingStep else { return }
        try await saveHash()
    }

    /// Makes the hash of the upload's bytes outlive this process, unless it does already.
    func saveHash() async throws {
        guard savedByteCount != hash.byteCount else { return }
        let writer = try await storage.append(to: OwnLayout.uploadHash(id))
        do {
            // A file that was emptied waits for the disk when it is closed.
            if await writer.byteCount > 0 { try await writer.truncate(to: 0) }
            try await writer.append(ByteBuffer(bytes: hash.saved))
        } catch {
            try await writer.close()
            throw error
        }
        try await writer.close()
        savedByteCount = hash.byteCount
    }

    /// Asks for a digest by another algorithm than SHA-256, before the first byte.
    func prepare(for algorithm: Digest.Algorithm) {
        hash.prepare(for: algorithm)
        savedByteCount = nil
    }

    /// Ends the upload and answers the digest of its bytes, and their SHA-256.
    ///
    /// - Throws: ``RegistryError/uploadUnknown(_:)`` when its file does not have the bytes that were hashed.
    func finish(_ algorithm: Digest.Algorithm) async throws -> (digest: Digest, stored: Digest) {
        try begin()
        do { return try await digests(algorithm) } catch {
            reopen()
            throw error
        }
    }

    private func digests(_ algorithm: Digest.Algorithm) async throws -> (digest: Digest, stored: Digest) {
        guard try await storage.attributes(of: key)?.byteCount == hash.byteCount else {
            throw RegistryError.uploadUnknown(id.description)
        }
        let stored = hash.digest
        if let digest = hash.digest(by: algorithm) { return (digest, stored) }
        guard let reader = try await storage.open(key) else { throw RegistryError.uploadUnknown(id.description) }
        var hash = StreamingDigest(algorithm)
        try await hash.update(reading: reader)
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

    /// Writes and hashes at the same time.
    private func flush(_ bytes: ByteBuffer, to writer: any ObjectWriter) async throws {
        async let written: Void = writer.append(bytes)
        var next = hash
        await next.take(bytes)
        try await written
        hash = next
    }
}
