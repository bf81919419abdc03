package import ImageModel
package import NIOCore
package import Storage

/// Where the blobs that v1 layers become are put: a registry's own directory, or another place that a migration fills.
package protocol BlobDestination: Sendable {
    /// The size of a blob that is there, or nil when it is not, or is known to be damaged.
    func byteCount(of digest: Digest) async throws -> Int64?

    /// Makes the bytes of a file, which were hashed, a blob. It is durable when this returns.
    ///
    /// - Returns: How it was done.
    func put(_ source: LinkSource, as blob: Descriptor, allowing policy: LinkPolicy) async throws -> LinkOutcome

    /// Makes bytes that were staged and hashed a blob. It is durable when this returns.
    func put(_ staged: any StagedObject, as blob: Descriptor) async throws

    /// Takes back a blob that was put there a moment ago, because its bytes are not what they should be.
    func withdraw(_ digest: Digest) async throws

    /// Reads a blob and returns the digest that its bytes have, or nil when it is not there.
    ///
    /// - Parameter progress: Told of every stretch of bytes that was read.
    func actualDigest(of digest: Digest, progress: @Sendable (Int) async throws -> Void) async throws -> Digest?
}

/// The bytes of a layer on their way to the file that is to hold them.
package protocol LayerArrival: Sendable {
    /// Brings all of them to the file, and shows them to `take` as they come.
    ///
    /// - Returns: Whether `take` was shown the whole layer in order; otherwise it is to be read from the file.
    func bring(_ take: (ByteBuffer) async throws -> Void) async throws -> Bool
}

/// Bytes that a layer is turned into while it is read: staged when the first of them come.
actor StagedLayer {
    private let storage: any ObjectStorage
    private var staged: (any StagedObject)?

    init(in storage: any ObjectStorage) { self.storage = storage }

    func append(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        let staged = try await object()
        try await staged.append(ByteBuffer(bytes: bytes))
    }

    /// The bytes so far.
    func object() async throws -> any StagedObject {
        if let staged { return staged }
        let staged = try await storage.stage(.scratch(isPromoted: true))
        self.staged = staged
        return staged
    }

    /// Leaves nothing of it.
    func discard() async throws { try await staged?.discard() }
}
