package import ImageModel
import NIOCore
package import Storage
import SystemLibraries

extension Blobs: BlobDestination {
    package func byteCount(of digest: Digest) async throws -> Int64? {
        guard let file = try await storage.attributes(of: V2Layout.blobData(digest)), checks.mayHold(digest, file)
        else { return nil }
        return file.byteCount
    }

    package func put(_ source: LinkSource, as blob: Descriptor, allowing policy: LinkPolicy) async throws -> LinkOutcome
    {
        let key = V2Layout.blobData(blob.digest)
        guard source.isIn(storage), policy == .hardLink else {
            try await storage.copy(source, to: key)
            return .copy(because: policy == .copy ? .requested : .differentDrivers)
        }
        var batch = WriteBatch()
        batch.share(source.key, as: key)
        try await storage.commit(batch)
        return storage.traits.sharesBytes ? .hardLink : .copy(because: .notSupported)
    }

    package func put(_ staged: any StagedObject, as blob: Descriptor) async throws {
        try await staged.promote(to: V2Layout.blobData(blob.digest))
    }

    package func withdraw(_ digest: Digest) async throws { try await storage.remove(V2Layout.blobData(digest)) }

    package func actualDigest(
        of digest: Digest,
        progress: @Sendable (Int) async throws -> Void
    ) async throws -> Digest? {
        try await storage.actualDigest(of: V2Layout.blobData(digest), digest.algorithm, progress: progress)
    }
}

extension ObjectStorage {
    /// Copies an object from any storage to this one.
    fileprivate func copy(_ source: LinkSource, to key: ObjectKey) async throws {
        guard let reader = try await source.storage.open(source.key) else { throw StorageError.absent(source.key) }
        let staged = try await stage(.scratch(isPromoted: true))
        do {
            try await reader.forEachChunk { bytes in
                try await staged.append(bytes)
                try Task.checkCancellation()
            }
            try await staged.promote(to: key)
        } catch {
            try await staged.discard()
            throw error
        }
    }

    /// Reads an object and computes its digest; nil if it does not exist.
    package func actualDigest(
        of key: ObjectKey,
        _ algorithm: Digest.Algorithm,
        progress: @Sendable (Int) async throws -> Void
    ) async throws -> Digest? {
        guard let reader = try await open(key) else { return nil }
        var hash = StreamingDigest(algorithm)
        try await reader.forEachChunk { bytes in
            await hash.take(bytes)
            try await progress(bytes.readableBytes)
            try Task.checkCancellation()
        }
        return hash.digest()
    }
}
