package import NIOCore

/// An object that grows at its end. Its calls are made one after the other.
package protocol ObjectWriter: Sendable {
    /// How many bytes it has.
    var byteCount: Int64 { get async }

    /// Adds bytes at the end. On failure the object ends where it ended before.
    func append(_ bytes: ByteBuffer) async throws(StorageError)

    /// Cuts the object to its first `byteCount` bytes.
    func truncate(to byteCount: Int64) async throws(StorageError)

    /// Makes what was appended durable, and the object's name.
    func sync() async throws(StorageError)

    /// Ends writing. The object stays under its key until it is moved or removed.
    func close() async throws(StorageError)
}
