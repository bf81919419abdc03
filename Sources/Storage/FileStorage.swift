package import NIOCore

/// A storage whose objects are files. It adds operations that object stores lack; only migrations use them.
package protocol FileStorage: ObjectStorage {
    /// Opens a file for appending, creating it if necessary.
    ///
    /// The file is visible under its own key with the bytes appended so far. It survives a process restart but not a
    /// power loss.
    /// - Parameter isTemporary: Whether the file is short-lived; its bytes are then not written to disk early.
    func append(to key: ObjectKey, isTemporary: Bool) async throws(StorageError) -> any FileWriter

    /// Makes `destination` a file with the bytes of `source`, which may be in another storage, durably.
    ///
    /// An existing file under `destination` is kept if it is already the same file, and replaced otherwise.
    /// - Returns: How it was done, and why a cheaper way was not possible.
    func link(_ source: LinkSource, to destination: ObjectKey, allowing policy: LinkPolicy)
        async throws(StorageError) -> LinkOutcome
}

/// A file open for appending. Calls must not overlap.
package protocol FileWriter: Sendable {
    /// The file's size in bytes.
    var byteCount: Int64 { get async }

    /// Appends bytes. On failure the file keeps its previous length.
    func append(_ bytes: ByteBuffer) async throws(StorageError)

    /// Truncates the file to its first `byteCount` bytes.
    func truncate(to byteCount: Int64) async throws(StorageError)

    /// Makes the appended bytes and the file's name durable.
    func sync() async throws(StorageError)

    /// Closes the file. It stays under its key until it is moved or removed.
    func close() async throws(StorageError)
}
