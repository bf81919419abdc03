import ImageModel
import NIOCore
import RegistryClient
import RegistryCore
import Storage
import SystemLibraries

/// The blobs of one repository of a remote registry.
struct RemoteBlobs: BlobDestination {
    let client: DistributionClient
    let name: RepositoryName
    /// The storage for the URLs of running uploads, so that another process can resume them.
    let workspace: any ObjectStorage
    let locks: DigestLocks
    /// Called with the byte count of every piece sent.
    var onBytesSent: @Sendable (Int) -> Void = { _ in }

    /// Smaller blobs are sent again rather than resumed.
    private static let rememberedByteCount: Int64 = 32 << 20

    func byteCount(of digest: Digest) async throws -> Int64? { try await client.byteCount(of: digest, in: name) }

    func put(_ source: LinkSource, as blob: Descriptor, allowing policy: LinkPolicy) async throws -> LinkOutcome {
        guard let reader = try await source.storage.open(source.key) else { throw StorageError.absent(source.key) }
        try await put(reader, as: blob)
        return .copy(because: .differentDrivers)
    }

    func put(_ staged: any StagedObject, as blob: Descriptor) async throws {
        try await put(try await staged.reader(), as: blob)
    }

    private func put(_ reader: any ObjectReader, as blob: Descriptor) async throws {
        try await locks.withLock(blob.digest) {
            // Another layer with the same bytes may have been sent meanwhile.
            guard try await byteCount(of: blob.digest) != blob.size else { return }
            try await send(StoredBytes(reader: reader, onBytesRead: onBytesSent), as: blob)
        }
    }

    private func send(_ bytes: StoredBytes, as blob: Descriptor) async throws {
        let isRemembered = blob.size > Self.rememberedByteCount
        let place = Digest(.sha256, of: Array("\(name) \(blob.digest)".utf8)).hex
        let key = OwnLayout.root.appending("sending/\(place)")
        let location =
            isRemembered ? try await workspace.read(key, limit: 16 << 10).map { String(buffer: $0) } : nil
        try await client.putBlob(blob, in: name, bytes, resuming: location) { location in
            if isRemembered { try await workspace.write(ByteBuffer(string: location), to: key) }
        }
        if isRemembered { try await workspace.remove(key) }
    }

    /// Does nothing: the registry collects blobs that no manifest refers to.
    func withdraw(_ digest: Digest) async throws {}

    func actualDigest(of digest: Digest, progress: @Sendable (Int) async throws -> Void) async throws -> Digest? {
        var hash = StreamingDigest(digest.algorithm)
        let isThere = try await client.readBlob(digest, in: name) { bytes in
            bytes.withUnsafeReadableBytes { hash.update($0) }
            try await progress(bytes.readableBytes)
        }
        return isThere ? hash.digest() : nil
    }

    /// Sends a small blob, unless it exists.
    func put(_ bytes: [UInt8], as blob: Descriptor) async throws {
        guard try await byteCount(of: blob.digest) != blob.size else { return }
        try await client.putBlob(blob, in: name, BytesAtHand(bytes: ByteBuffer(bytes: bytes)))
    }

    /// Makes sure that this repository has a blob of `firstRepository`.
    ///
    /// - Throws: ``MissingBlob`` when `firstRepository` has lost it.
    func require(_ blob: Descriptor, from firstRepository: RepositoryName) async throws {
        if try await byteCount(of: blob.digest) == blob.size { return }
        guard firstRepository != name else { throw MissingBlob(digest: blob.digest, name: firstRepository) }
        if try await client.mount(blob.digest, from: firstRepository, into: name) { return }
        // The registry does not support mounts: download the blob and upload it again.
        let spool = try await workspace.stage(.scratch(isPromoted: false))
        do {
            let isThere = try await client.readBlob(blob.digest, in: firstRepository) { piece in
                // An endless response would fill the disk.
                guard spool.byteCount + Int64(piece.readableBytes) <= blob.size else {
                    throw RegistryFailure.malformedResponse(what: "the blob \(blob.digest) of \(firstRepository)")
                }
                try await spool.append(piece)
            }
            guard isThere else { throw MissingBlob(digest: blob.digest, name: firstRepository) }
            try await put(spool, as: blob)
            try await spool.discard()
        } catch {
            try await spool.discard()
            throw error
        }
    }
}

/// The destination has lost a blob after it was stored: another program removed it, or a collector did because no
/// manifest named it yet.
struct MissingBlob: Error, CustomStringConvertible {
    let digest: Digest
    let name: RepositoryName
    var description: String { "the destination has lost the blob \(digest) of \(name) after it was stored" }
}

/// A stored object as the content of an upload.
private struct StoredBytes: BlobBytes {
    let reader: any ObjectReader
    let onBytesRead: @Sendable (Int) -> Void

    func read(at offset: Int64, byteCount: Int) async throws -> ByteBuffer {
        let bytes = try await reader.read(at: offset, byteCount: byteCount)
        onBytesRead(bytes.readableBytes)
        return bytes
    }
}

/// Bytes in memory as the content of an upload.
private struct BytesAtHand: BlobBytes {
    let bytes: ByteBuffer

    func read(at offset: Int64, byteCount: Int) async throws -> ByteBuffer {
        let start = bytes.readerIndex + Int(offset)
        return bytes.getSlice(at: start, length: min(byteCount, bytes.writerIndex - start)) ?? ByteBuffer()
    }
}
