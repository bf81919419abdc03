package import NIOCore

/// A v1 registry's image, from its JSON response.
package struct RemoteImage: Sendable {
    /// The JSON, byte for byte.
    package let json: ByteBuffer
    /// The size of its layer, if given.
    package let byteCount: Int64?
    /// All its checksums, as given: `sha256:…` or `tarsum+sha256:…`.
    package let checksums: [String]
    /// Whether it is still being pushed, so that nothing else is known.
    package let isInProgress: Bool
}

/// The response for a layer's bytes.
package struct ServedLayer: Sendable {
    /// The offset in the layer where they begin.
    package let offset: Int64
    /// Their number, if given.
    package let remaining: Int64?
    private let response: RemoteResponse?

    init(offset: Int64, remaining: Int64?, _ response: RemoteResponse?) {
        self.offset = offset
        self.remaining = remaining
        self.response = response
    }

    /// Passes all bytes to `take`, piece by piece.
    ///
    /// - Throws: ``RegistryFailure`` if the connection breaks, and any error of `take`.
    package func forEachPiece(_ take: (ByteBuffer) async throws -> Void) async throws {
        try await response?.forEachPiece(take)
    }
}
