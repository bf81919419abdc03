package import NIOCore

/// An image of a v1 registry, as the response to its JSON tells of it.
package struct RemoteImage: Sendable {
    /// The JSON, byte for byte.
    package let json: ByteBuffer
    /// The size of its layer, if that is told.
    package let byteCount: Int64?
    /// All its checksums, as they are told: `sha256:…` or `tarsum+sha256:…`.
    package let checksums: [String]
    /// Whether it is being pushed, so that nothing else is told.
    package let isInProgress: Bool
}

/// The bytes of a layer that are on their way.
package struct ServedLayer: Sendable {
    /// Where in the layer they begin.
    package let offset: Int64
    /// How many there are, if that is told.
    package let remaining: Int64?
    private let response: RemoteResponse?

    init(offset: Int64, remaining: Int64?, _ response: RemoteResponse?) {
        self.offset = offset
        self.remaining = remaining
        self.response = response
    }

    /// Hands all bytes to `take`, piece by piece.
    ///
    /// - Throws: ``RegistryFailure`` when the connection breaks, and what `take` throws.
    package func forEachPiece(_ take: (ByteBuffer) async throws -> Void) async throws {
        try await response?.forEachPiece(take)
    }
}
