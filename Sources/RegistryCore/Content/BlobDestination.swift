package import ImageModel
package import NIOCore
package import Storage

/// The destination of blobs made from v1 layers: a registry's own directory, or the target of a migration.
package protocol BlobDestination: Sendable {
    /// The size of a blob; nil if it is missing or known to be damaged.
    func byteCount(of digest: Digest) async throws -> Int64?

    /// Stores an existing file, which has been hashed, as a blob. It is durable on return.
    ///
    /// - Returns: How it was done.
    func put(_ source: LinkSource, as blob: Descriptor, allowing policy: LinkPolicy) async throws -> LinkOutcome

    /// Stores staged bytes, which have been hashed, as a blob. It is durable on return.
    func put(_ staged: any StagedObject, as blob: Descriptor) async throws

    /// Removes a blob that was just stored, because its bytes are wrong.
    func withdraw(_ digest: Digest) async throws

    /// Computes the actual digest of a stored blob; nil if it is missing.
    ///
    /// - Parameter progress: Called with the number of bytes of each piece read.
    func actualDigest(of digest: Digest, progress: @Sendable (Int) async throws -> Void) async throws -> Digest?
}

/// The bytes of a layer, to be written to their file.
package protocol LayerArrival: Sendable {
    /// Writes all bytes to the file, and passes them to `take` as they arrive.
    ///
    /// - Returns: Whether `take` received the whole layer in order; otherwise read it from the file.
    func stream(to take: (ByteBuffer) async throws -> Void) async throws -> Bool
}

/// The converted bytes of a layer, staged when the first of them arrive.
actor StagedLayer {
    private let storage: any ObjectStorage
    private var staged: (any StagedObject)?

    init(in storage: any ObjectStorage) { self.storage = storage }

    func append(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        let staged = try await object()
        try await staged.append(ByteBuffer(bytes: bytes))
    }

    /// The bytes so far, as a staged object.
    func object() async throws -> any StagedObject {
        if let staged { return staged }
        let staged = try await storage.stage(.scratch(isPromoted: true))
        self.staged = staged
        return staged
    }

    /// Deletes the staged bytes.
    func discard() async throws { try await staged?.discard() }
}
