import ImageModel
import NIOCore
import RegistryCore
import Storage

/// The blobs of an OCI image layout: `blobs/sha256/HEX`.
struct LayoutBlobs: BlobDestination {
    let storage: any FileStorage

    private func key(_ digest: Digest) -> ObjectKey {
        ObjectKey.root.appending("blobs/\(digest.algorithm.rawValue)/\(digest.hex)")
    }

    func byteCount(of digest: Digest) async throws -> Int64? {
        guard let attributes = try await storage.attributes(of: key(digest)), attributes.kind == .object else {
            return nil
        }
        return attributes.byteCount
    }

    func put(_ source: LinkSource, as blob: Descriptor, allowing policy: LinkPolicy) async throws -> LinkOutcome {
        try await storage.link(source, to: key(blob.digest), allowing: policy)
    }

    func put(_ staged: any StagedObject, as blob: Descriptor) async throws {
        try await staged.promote(to: key(blob.digest))
    }

    func withdraw(_ digest: Digest) async throws { try await storage.remove(key(digest)) }

    func actualDigest(of digest: Digest, progress: @Sendable (Int) async throws -> Void) async throws -> Digest? {
        try await storage.actualDigest(of: key(digest), digest.algorithm, progress: progress)
    }

    /// Writes a small blob, unless it exists.
    func write(_ bytes: [UInt8], as digest: Digest) async throws {
        guard try await byteCount(of: digest) != Int64(bytes.count) else { return }
        try await storage.write(ByteBuffer(bytes: bytes), to: key(digest))
    }

    /// The bytes of a small blob, or nil when it does not exist.
    func read(_ digest: Digest, limit: Int) async throws -> [UInt8]? {
        try await storage.read(key(digest), limit: limit).map { Array(buffer: $0) }
    }
}
