package import NIOCore

/// The bytes of a layer on their way to the file that is to hold them.
package protocol LayerArrival: Sendable {
    /// Brings all of them to the file, and shows them to `take` as they come.
    ///
    /// - Returns: Whether `take` was shown the whole layer in order; otherwise it is to be read from the file.
    func bring(_ take: (ByteBuffer) async throws -> Void) async throws -> Bool
}
