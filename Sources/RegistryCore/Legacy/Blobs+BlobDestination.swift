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
        try await storage.link(source, to: V2Layout.blobData(blob.digest), allowing: policy)
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
    /// Reads an object and answers the digest of its bytes, or nil when there is none.
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
