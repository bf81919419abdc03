package import ImageModel
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

    /// Reads a blob and answers the digest that its bytes have, or nil when it is not there.
    ///
    /// - Parameter progress: Told of every stretch of bytes that was read.
    func actualDigest(of digest: Digest, progress: @Sendable (Int) async throws -> Void) async throws -> Digest?
}
